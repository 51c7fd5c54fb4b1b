package dev.trit.cli;

import dev.trit.model.Chat;
import dev.trit.model.Model;
import dev.trit.model.Sampling;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code trit chat}: a conversation, typed by a person or read from a pipe, one input a line. */
@Command(
        name = "chat",
        mixinStandardHelpOptions = true,
        description = "Holds a conversation in the model's own chat format; /help in it lists its commands.")
final class ChatCommand implements Callable<Integer> {
    private final Stdio stdio;

    @Option(names = "--system", paramLabel = "TEXT", description = "Tells the model who it is.")
    private @Nullable String system;

    @Option(
            names = {"-n", "--tokens"},
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Tokens of an answer at most; 0: until the model ends (default: ${DEFAULT-VALUE}).")
    private int tokens;

    @Option(
            names = "--ctx",
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Positions of the context (default: what the model was trained for).")
    private int ctx;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Mixin
    private final SamplingOptions samplingOptions = new SamplingOptions();

    @Mixin
    private final SpeculationOptions speculationOptions = new SpeculationOptions();

    ChatCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        Sampling sampling = samplingOptions.sampling(tokens);
        boolean person = stdio.inTerminal() && stdio.outTerminal();
        try (Model model = modelOptions.load(ctx, stdio);
                Chat chat = model.chat();
                var speculation = speculationOptions.open(model, modelOptions.threads.threads, modelOptions.kernels);
                Lines lines = person ? new TerminalLines() : Lines.plain(stdio.in())) {
            for (String warning : model.chatTemplate().warnings()) {
                stdio.err().println("trit: " + model.name() + ": " + warning);
            }
            chat.speculate(speculation.speculator());
            if (system != null) {
                chat.setSystem(system);
            }
            if (person) {
                stdio.err().println(model.name() + ", " + model.kernels().description() + ". /help lists commands.");
            }
            return new ChatLoop(stdio, chat, sampling).run(lines).status();
        }
    }
}
