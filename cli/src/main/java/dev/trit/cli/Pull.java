package dev.trit.cli;

import dev.trit.hub.Hub;
import dev.trit.hub.KnownModel;
import dev.trit.hub.ModelName;
import dev.trit.hub.PullListener;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code trit pull}: fetches a model from the hub and prints the path that can be loaded. */
@Command(
        name = "pull",
        mixinStandardHelpOptions = true,
        description = {
            "Fetches a model from the Hugging Face hub into the hub's own cache and prints its path.",
            "Continues where an earlier pull was stopped. Without a MODEL it lists the short names."
        },
        footer = {
            "",
            "Environment: HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_HUB_OFFLINE, HTTPS_PROXY and NO_PROXY mean what"
                    + " they mean to other tools."
        })
final class Pull implements Callable<Integer> {
    /** What {@code --json} prints. */
    record Facts(String model, String path) {}

    private final Stdio stdio;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "MODEL",
            description = "OWNER/NAME, OWNER/NAME:FILE, OWNER/NAME:QUANT (as i2_s) or a short name (as 2b4t).")
    private @Nullable String model;

    @Option(names = "--revision", paramLabel = "R", description = "Branch, tag or commit (default: ${DEFAULT-VALUE}).")
    private String revision = "main";

    @Mixin
    private final JsonOption json = new JsonOption();

    Pull(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        if (model == null) {
            listShortNames();
            return ExitCode.OK.status();
        }
        ModelName name = ModelName.of(model);
        KnownModel.of(model)
                .ifPresent(known -> stdio.err()
                        .println("trit: " + known.repo() + ", about " + Sizes.text(known.bytes()) + ", "
                                + known.licence()));
        Path path = pull(Models.hub(), name);
        stdio.out().println(json.json ? JsonOption.text(new Facts(name.toString(), path.toString())) : path);
        return ExitCode.OK.status();
    }

    private Path pull(Hub hub, ModelName name) {
        var watch = new Watch(stdio);
        try {
            return hub.pull(name, revision, watch);
        } finally {
            watch.close();
        }
    }

    /** Draws the bar: megabytes, and how many come in a second. */
    private static final class Watch implements PullListener, AutoCloseable {
        private static final double MB = 1e6;

        private final Stdio stdio;
        private @Nullable Progress progress;
        private long began;
        private long first;

        Watch(Stdio stdio) {
            this.stdio = stdio;
        }

        @Override
        public void say(String line) {
            stdio.err().println("trit: " + line);
        }

        @Override
        public void at(String file, long done, long total) {
            if (progress == null) {
                progress = new Progress(stdio, "MB", Math.max(1, Math.round(total / MB)));
                began = System.nanoTime();
                first = done;
            }
            double seconds = (System.nanoTime() - began) * 1e-9;
            progress.at(
                    Math.round(done / MB),
                    "%.1f MB/s %s".formatted(seconds > 0 ? (done - first) / MB / seconds : 0, file));
        }

        @Override
        public void close() {
            if (progress != null) {
                progress.close();
            }
        }
    }

    private void listShortNames() {
        if (json.json) {
            stdio.out().println(JsonOption.text(KnownModel.ALL));
            return;
        }
        for (KnownModel known : KnownModel.ALL) {
            stdio.out()
                    .printf(
                            "%-17s %8s  %-18s  %s%n",
                            known.name(), Sizes.text(known.bytes()), known.licence(), known.about());
        }
    }
}
