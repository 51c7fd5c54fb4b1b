package dev.trit.cli;

import dev.trit.hub.CachedModel;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code trit list}: the models on this machine that {@code -m} takes by name. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Lists the models in the hub's cache on this machine, whoever fetched them.")
final class ListModels implements Callable<Integer> {
    /** What {@code --json} prints an array of. */
    record Facts(String name, long bytes, String revision, String fetched, String path, boolean complete) {}

    private static final DateTimeFormatter DAY = DateTimeFormatter.ISO_LOCAL_DATE.withZone(ZoneId.systemDefault());

    private final Stdio stdio;

    @Mixin
    private final JsonOption json = new JsonOption();

    ListModels(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() {
        List<CachedModel> models = Models.hub().list();
        if (json.json) {
            stdio.out()
                    .println(JsonOption.text(
                            models.stream().map(ListModels::facts).toList()));
            return ExitCode.OK.status();
        }
        int width =
                models.stream().mapToInt(model -> model.name().length()).max().orElse(0);
        for (CachedModel model : models) {
            String state = model.complete() ? "" : "  unfinished: pull it again to go on";
            stdio.out()
                    .printf(
                            "%-" + Math.max(1, width) + "s  %8s  %s%s%n",
                            model.name(),
                            Sizes.text(model.bytes()),
                            DAY.format(model.fetched()),
                            state);
        }
        if (models.isEmpty()) {
            stdio.err().println("trit: no models here yet: trit pull lists some that can be fetched");
        }
        return ExitCode.OK.status();
    }

    private static Facts facts(CachedModel model) {
        return new Facts(
                model.name(),
                model.bytes(),
                model.revision(),
                model.fetched().toString(),
                model.path().toString(),
                model.complete());
    }
}
