package dev.trit.cli;

import dev.trit.hub.Hub;
import dev.trit.hub.HubSettings;
import dev.trit.hub.ModelName;
import java.nio.file.Files;
import java.nio.file.Path;

/** Models that the caller named: by path, or by the name they were pulled under. */
final class Models {
    private Models() {}

    /** The hub and its cache, as the environment of this process says. */
    static Hub hub() {
        return new Hub(HubSettings.of(System.getenv()));
    }

    /** A file or folder that can be loaded, or the one line that says what to do to have it. */
    static Path existing(Path named) {
        if (Files.exists(named)) {
            return named;
        }
        String name = named.toString();
        if (!ModelName.isName(name)) {
            throw new CommandException(ExitCode.NO_FILE, name + ": no such file or directory");
        }
        return hub().find(ModelName.of(name))
                .orElseThrow(() -> new CommandException(
                        ExitCode.NO_FILE,
                        name + ": no such file, and no model of that name on this machine. To fetch it: trit pull "
                                + name));
    }
}
