package dev.trit.train.cli;

import dev.trit.cli.CommandException;
import dev.trit.cli.ExitCode;
import dev.trit.cli.JsonOption;
import dev.trit.cli.Numbers;
import dev.trit.cli.Paths;
import dev.trit.cli.Stdio;
import dev.trit.train.GlooReplicas;
import dev.trit.train.Recipe;
import dev.trit.train.RecipeDraft;
import dev.trit.train.RecipeYaml;
import dev.trit.train.Replicas;
import dev.trit.train.Trainer;
import dev.trit.train.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code trit train}: token shards and a recipe in, checkpoints out. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = "Trains a ternary model from scratch.",
        footer = {
            "",
            "RUN holds recipe.yaml, checkpoints/, metrics.jsonl, tensorboard/ and report.html. Ctrl-C or SIGTERM",
            "writes a checkpoint and stops; --resume goes on from there to the bit.",
            "",
            "Several processes train one model when RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT are set, as",
            "torchrun and Kubernetes set them: all with the same options, DIR and RUN on a disk they share."
        })
final class TrainCommand implements Callable<Integer> {
    /** How long processes that train together wait for each other. */
    private static final Duration MEETING = Duration.ofMinutes(5);

    private final Stdio stdio;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "Token shards, from trit data prepare.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path data;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "RUN",
            description = "The run's folder.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path out;

    @Option(
            names = "--resume",
            description =
                    "Go on from the newest checkpoint in RUN, with its recipe; from the beginning if there is none.")
    private boolean resume;

    @Option(names = "--device", paramLabel = "NAME", description = "cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
    private String device = "cpu";

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Micro-batches side by side, one per core (default: the processors here, ${DEFAULT-VALUE})."
                    + " Resuming with another number rounds otherwise.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Steps between checkpoints (default: ${DEFAULT-VALUE}; 0: only at the end).")
    private int checkpointEvery = Trainer.Habits.DEFAULT.checkpointEvery();

    @Option(
            names = "--keep",
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Newest checkpoints that are kept (default: ${DEFAULT-VALUE}).")
    private int keep = 2;

    @Option(
            names = "--until",
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Stop, with a checkpoint, when N tokens are seen; the schedule stays that of all --tokens,"
                    + " and --resume goes on (default: the end).")
    private @Nullable Integer until;

    @Option(
            names = "--validate-every",
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Steps between looks at the held-out tokens (default: ${DEFAULT-VALUE}; 0: only at the end).")
    private int validateEvery = Trainer.Habits.DEFAULT.validateEvery();

    @Option(
            names = "--validation-tokens",
            paramLabel = "N",
            converter = Numbers.AtLeastOne.class,
            description = "Held-out tokens to look at (default: ${DEFAULT-VALUE}).")
    private int validationTokens = Math.toIntExact(Trainer.Habits.DEFAULT.validationTokens());

    @Option(
            names = "--codes-every",
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Steps between counts of codes and flips (default: ${DEFAULT-VALUE}; 0: never).")
    private int codesEvery = Trainer.Habits.DEFAULT.codesEvery();

    @Option(
            names = "--sample-every",
            paramLabel = "N",
            converter = Numbers.AtLeastZero.class,
            description = "Steps between sample texts (default: ${DEFAULT-VALUE}; 0: none).")
    private int sampleEvery = 500;

    @Option(
            names = "--sample-prompt",
            paramLabel = "TEXT",
            description = "What samples continue; can be given several times (default: Once upon a time).")
    private List<String> samplePrompts = List.of("Once upon a time");

    @Mixin
    private final JsonOption json = new JsonOption();

    private final RecipeOptions recipe = new RecipeOptions();

    private TrainCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    /** The command with a flag for each field of a recipe. */
    static CommandSpec spec(Stdio stdio) {
        TrainCommand command = new TrainCommand(stdio);
        CommandSpec spec = CommandSpec.forAnnotatedObject(command);
        command.recipe.addTo(spec);
        return spec;
    }

    @Override
    public Integer call() throws IOException {
        TrainingData tokens = TrainingData.open(Paths.existing(data));
        Torch.device(device);
        boolean first = System.getenv().getOrDefault("RANK", "0").equals("0");
        if (first && !resume && RunFolder.isTaken(out)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    out + " is not empty: --resume goes on with the run there, another name starts a new one");
        }
        try (RunFolder folder = first ? RunFolder.open(out) : RunFolder.follow(out)) {
            Recipe settled = settle(folder, tokens.train().vocab());
            var habits = new Trainer.Habits(checkpointEvery, validateEvery, validationTokens, codesEvery, threads);
            try (Replicas replicas =
                    GlooReplicas.fromEnvironment(System.getenv(), MEETING).orElse(Replicas.ALONE)) {
                TrainingRun run = new TrainingRun(stdio, folder, settled, habits, keep, tokens, replicas);
                TrainingRun.Outcome outcome =
                        run.train(until == null ? Long.MAX_VALUE : until, sampleEvery, samplePrompts);
                if (first) {
                    stdio.out().println(json.json ? JsonOption.text(outcome) : outcome.checkpoint());
                }
                return run.exitCode().status();
            }
        }
    }

    /** The recipe of the run: what RUN/recipe.yaml says if there is one, then file and flags. */
    private Recipe settle(RunFolder folder, int vocab) throws IOException {
        RecipeDraft draft = new RecipeDraft();
        boolean goesOn = Files.exists(folder.recipe());
        if (goesOn) {
            RecipeYaml.read(folder.recipe(), draft);
        }
        Recipe before = goesOn ? draft.resolve(vocab) : null;
        recipe.setOn(draft);
        Recipe settled = draft.resolve(vocab);
        if (before != null && !before.equals(settled)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "%s: the run has %s, asked for is %s: --resume goes on with the run's recipe, another one needs a new RUN"
                            .formatted(folder.recipe(), difference(before, settled), difference(settled, before)));
        }
        return settled;
    }

    /** The first line of {@code one}'s YAML that {@code other}'s has not. */
    private static String difference(Recipe one, Recipe other) {
        List<String> others = RecipeYaml.text(other).lines().toList();
        return RecipeYaml.text(one)
                .lines()
                .filter(line -> !others.contains(line))
                .map(line -> line.replaceFirst("#.*", "").strip())
                .findFirst()
                .orElse("the same");
    }
}
