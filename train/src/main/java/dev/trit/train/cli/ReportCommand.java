package dev.trit.train.cli;

import dev.trit.cli.ExitCode;
import dev.trit.cli.Paths;
import dev.trit.cli.Stdio;
import dev.trit.train.report.Report;
import dev.trit.train.report.RunLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code trit report}: runs as one page. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes training runs as one HTML page, side by side.")
final class ReportCommand implements Callable<Integer> {
    private final Stdio stdio;

    @Parameters(paramLabel = "RUN", arity = "1..*", description = "Folders of runs, finished or under way.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<Path> runs;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            description = "The page (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("report.html");

    ReportCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        List<RunLog> logs = new ArrayList<>();
        for (Path run : runs) {
            logs.add(RunLog.read(Paths.existing(run)));
        }
        RunFolder.write(out, Report.html(logs));
        stdio.out().println(out);
        return ExitCode.OK.status();
    }
}
