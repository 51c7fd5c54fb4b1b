package dev.trit.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the process tells its caller: every exit status of {@code trit} has a name here and a line in the help. */
public enum ExitCode {
    OK(0, "done"),
    FAILURE(1, "the work failed; the line on stderr says why"),
    USAGE(2, "the command line was not understood"),
    BAD_MODEL(3, "a model file is broken, unsupported or not a model"),
    NO_FILE(4, "a file that was named does not exist or cannot be read or written"),
    INTERRUPTED(130, "stopped by Ctrl-C"),
    BROKEN_PIPE(141, "the reader of stdout went away"),
    TERMINATED(143, "stopped by SIGTERM, work kept");

    private final int status;
    private final String meaning;

    ExitCode(int status, String meaning) {
        this.status = status;
        this.meaning = meaning;
    }

    /** The status given to the operating system, 0 ... 255. */
    public int status() {
        return status;
    }

    /** One line for the help. */
    public String meaning() {
        return meaning;
    }

    /** Status to {@code NAME: meaning}, in order, as the help lists them. */
    static Map<String, String> help() {
        Map<String, String> lines = new LinkedHashMap<>();
        for (ExitCode code : values()) {
            lines.put(Integer.toString(code.status), code + ": " + code.meaning);
        }
        return lines;
    }
}
