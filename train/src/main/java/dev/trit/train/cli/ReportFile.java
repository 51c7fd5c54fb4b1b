package dev.trit.train.cli;

import dev.trit.train.TrainException;
import dev.trit.train.TrainingListener;
import dev.trit.train.report.Report;
import dev.trit.train.report.RunLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Keeps {@code RUN/report.html} as new as the newest checkpoint; told after the metrics are. */
final class ReportFile implements TrainingListener {
    private final RunFolder folder;

    ReportFile(RunFolder folder) {
        this.folder = folder;
    }

    @Override
    public void checkpointed(int step, Path checkpoint) {
        write();
    }

    @Override
    public void ended(int step, String reason) {
        write();
    }

    private void write() {
        try {
            RunFolder.write(folder.report(), Report.html(List.of(RunLog.read(folder.path()))));
        } catch (IOException e) {
            throw new TrainException("%s: cannot be written: %s".formatted(folder.report(), e.getMessage()), e);
        }
    }
}
