package dev.trit.cli;

import dev.trit.model.Model;
import dev.trit.model.ModelException;
import dev.trit.model.MultipleChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code trit eval}: {@link MultipleChoice} over a file of questions, with progress and a running figure. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description = "Measures how often a model finds the right one of several continuations the likeliest, as"
                + " lm-evaluation-harness does.")
final class Eval implements Callable<Integer> {
    /** What {@code --json} prints, in lm-evaluation-harness' words. */
    record Facts(double acc, double acc_stderr, double acc_norm, double acc_norm_stderr, int questions) {}

    private final Stdio stdio;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "TASK",
            description = "The questions: {\"query\": ..., \"choices\": [...], \"gold\": 0} on each line.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path task;

    @Option(
            names = "--limit",
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Stop after so many (default: all).")
    private int limit = Integer.MAX_VALUE;

    @Mixin
    private final JsonOption json = new JsonOption();

    Eval(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        List<MultipleChoice.Question> questions = questions();
        try (Model model = modelOptions.load(0, stdio);
                Progress progress = new Progress(stdio, "questions", questions.size())) {
            MultipleChoice result = MultipleChoice.measure(
                    model,
                    questions,
                    (soFar, scores) ->
                            progress.at(soFar.questions(), String.format(Locale.ROOT, "acc %.4f", soFar.accuracy())));
            print(result);
        }
        return ExitCode.OK.status();
    }

    private List<MultipleChoice.Question> questions() throws IOException {
        try {
            List<MultipleChoice.Question> all = MultipleChoice.read(Paths.existing(task));
            return all.subList(0, Math.min(limit, all.size()));
        } catch (ModelException e) {
            throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private void print(MultipleChoice r) {
        if (json.json) {
            stdio.out()
                    .println(JsonOption.text(new Facts(
                            r.accuracy(),
                            r.accuracyStderr(),
                            r.accuracyNorm(),
                            r.accuracyNormStderr(),
                            r.questions())));
        } else {
            stdio.out()
                    .printf(
                            Locale.ROOT,
                            "acc %.4f +/- %.4f, acc_norm %.4f +/- %.4f over %d questions%n",
                            r.accuracy(),
                            r.accuracyStderr(),
                            r.accuracyNorm(),
                            r.accuracyNormStderr(),
                            r.questions());
        }
    }
}
