package dev.trit.cli;

import dev.trit.model.Model;
import dev.trit.model.Profile;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What {@code trit bench --profile} prints: where the time of a token goes, for people and for {@code --json}. */
final class ProfileTable {
    /** Less of the time than this found in named parts is a failure. */
    private static final double LEAST_ACCOUNTED = 0.95;

    /**
     * One profile, under the names that {@code --json} prints; micros and bytes are those of a token.
     *
     * @param threads that computed
     * @param depth tokens of context before those that were measured
     * @param tokens measured
     * @param tokenUs of a token, median
     * @param accounted share of the time that is in named parts
     * @param barriers meetings of all threads for a token
     * @param barrierUs of one with nothing to do between
     * @param parts in the order of the table
     */
    record Facts(
            int threads,
            int depth,
            int tokens,
            double tokenUs,
            double accounted,
            double barriers,
            double barrierUs,
            String kernels,
            String head,
            String kv,
            List<Line> parts) {}

    /**
     * @param part word for a kind of work
     * @param us of a token on the first thread, median
     * @param share of the median token
     * @param bytes read and written by the calls of all threads, each counted for itself
     * @param calls by all threads
     */
    record Line(String part, double us, double share, double bytes, double calls) {}

    private ProfileTable() {}

    /** @throws CommandException if too little of the time of one is accounted for */
    static void check(List<Facts> profiles) {
        for (Facts f : profiles) {
            if (f.accounted() < LEAST_ACCOUNTED) {
                throw new CommandException(
                        ExitCode.FAILURE,
                        String.format(
                                Locale.ROOT,
                                "only %.1f%% of the time at depth %d has a name, %.0f%% are expected: measure a larger model, or on an idle machine",
                                100 * f.accounted(),
                                f.depth(),
                                100 * LEAST_ACCOUNTED));
            }
        }
    }

    static Facts measure(Model model, int depth, int tokens, Duration warmUp) {
        Profile profile = Profile.measure(model, depth, tokens, warmUp);
        List<Line> lines = profile.parts().stream()
                .map(s -> new Line(
                        s.part().name().toLowerCase(Locale.ROOT),
                        s.micros(),
                        s.micros() / profile.wallMicros(),
                        s.bytes(),
                        s.calls()))
                .toList();
        return new Facts(
                model.team().size(),
                depth,
                profile.tokens(),
                profile.wallMicros(),
                profile.accounted(),
                profile.barriers(),
                profile.barrierMicros(),
                model.kernels().name(),
                model.head().word(),
                model.kv().word(),
                lines);
    }

    static void print(Facts f, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%d threads, depth %d, %d tokens, %s kernels, %s head, kv %s: %.0f us a token, %.1f%% accounted for%n",
                f.threads(),
                f.depth(),
                f.tokens(),
                f.kernels(),
                f.head(),
                f.kv(),
                f.tokenUs(),
                100 * f.accounted());
        out.println("part                          us/token   share    MB/token    calls");
        for (Line line : f.parts()) {
            String words =
                    Profile.Part.valueOf(line.part().toUpperCase(Locale.ROOT)).words();
            out.printf(
                    Locale.ROOT,
                    "%-26s %11.1f  %5.1f%% %11.3f %8.0f%n",
                    words,
                    line.us(),
                    100 * line.share(),
                    line.bytes() / 1e6,
                    line.calls());
        }
        out.printf(
                Locale.ROOT,
                "%.0f barriers a token; one with nothing to do takes %.2f us, all %.0f us%n%n",
                f.barriers(),
                f.barrierUs(),
                f.barriers() * f.barrierUs());
        out.flush();
    }
}
