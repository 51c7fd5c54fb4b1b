package dev.trit.train.cli;

import dev.trit.cli.Stdio;
import dev.trit.train.Recipe;
import dev.trit.train.TrainingListener;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One line on stderr: step, loss, validation perplexity, tokens per second, share of the machine's matrix-product peak,
 * time to go. A person sees it change, a file gets one every half minute.
 */
final class ProgressLine implements TrainingListener {
    private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
    private static final long LINE_NANOS = Duration.ofSeconds(30).toNanos();
    private static final double MEMORY = 0.95; // of the moving means, per step

    private final Stdio stdio;
    private final double peakFlops;
    private final LongSupplier clock;
    private int steps;
    private long tokensPerStep;
    private double flopsPerToken;
    private long lastStep; // when it ended
    private long lastLine;
    private double secondsPerStep; // validation and checkpoints between steps included
    private double loss = Double.NaN; // moving mean
    private double perplexity = Double.NaN;
    private boolean drawn;

    /**
     * @param peakFlops what the machine's matrix product reaches, per second; NaN: not known
     * @param clock nanoseconds
     */
    ProgressLine(Stdio stdio, double peakFlops, LongSupplier clock) {
        this.stdio = stdio;
        this.peakFlops = peakFlops;
        this.clock = clock;
    }

    @Override
    public void started(Recipe recipe, int firstStep, long parameters, double flops) {
        steps = recipe.steps();
        tokensPerStep = recipe.tokensPerStep();
        flopsPerToken = flops;
        say(String.format(
                Locale.ROOT,
                "training %,d parameters, %s, %,d steps of %,d tokens%s",
                parameters,
                recipe.weights(),
                steps,
                tokensPerStep,
                firstStep == 0 ? "" : ", resumed after step " + firstStep));
        lastStep = clock.getAsLong();
        lastLine = lastStep - LINE_NANOS; // the first step is said at once
    }

    @Override
    public void stepped(Step s) {
        long now = clock.getAsLong();
        double seconds = (now - lastStep) * 1e-9;
        boolean first = Double.isNaN(loss);
        secondsPerStep = first ? seconds : MEMORY * secondsPerStep + (1 - MEMORY) * seconds;
        loss = first ? s.loss() : MEMORY * loss + (1 - MEMORY) * s.loss();
        lastStep = now;
        if (now - lastLine >= (stdio.errTerminal() ? REDRAW_NANOS : LINE_NANOS)) {
            lastLine = now;
            draw(line(s.step()));
        }
    }

    @Override
    public void validated(Validation v) {
        perplexity = v.perplexity();
        say(String.format(
                Locale.ROOT,
                "step %d: held-out loss %.4f, perplexity %.3f%s",
                v.step(),
                v.loss(),
                v.perplexity(),
                Double.isFinite(v.bitsPerByte())
                        ? String.format(Locale.ROOT, ", %.4f bits/byte", v.bitsPerByte())
                        : ""));
    }

    @Override
    public void sampled(int step, String prompt, String text) {
        say("step " + step + ": " + prompt + "|" + text.replace("\n", "\\n"));
    }

    @Override
    public void ended(int step, String reason) {
        say("step " + step + ": " + reason.lines().findFirst().orElse(""));
    }

    private String line(int step) {
        double rate = tokensPerStep / secondsPerStep;
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "step %d/%d loss %.4f", step, steps, loss));
        if (!Double.isNaN(perplexity)) {
            line.append(String.format(Locale.ROOT, " held-out ppl %.2f", perplexity));
        }
        line.append(String.format(Locale.ROOT, " %,.0f tokens/s", rate));
        if (peakFlops > 0) {
            line.append(String.format(Locale.ROOT, " %.0f%% of GEMM peak", 100 * rate * flopsPerToken / peakFlops));
        }
        return line + " ETA " + duration((steps - step) * secondsPerStep);
    }

    /** 47s, 12m05s, 3h07m, 2d05h. */
    static String duration(double seconds) {
        long s = Math.round(seconds);
        if (s < 60) {
            return s + "s";
        }
        if (s < 3600) {
            return String.format(Locale.ROOT, "%dm%02ds", s / 60, s % 60);
        }
        if (s < 86_400) {
            return String.format(Locale.ROOT, "%dh%02dm", s / 3600, s / 60 % 60);
        }
        return String.format(Locale.ROOT, "%dd%02dh", s / 86_400, s / 3600 % 24);
    }

    private void draw(String line) {
        if (stdio.errTerminal()) {
            stdio.err().print("\r\u001b[K" + line);
            stdio.err().flush();
            drawn = true;
        } else {
            stdio.err().println("trit: " + line);
        }
    }

    private void say(String line) {
        if (drawn) {
            stdio.err().print("\r\u001b[K");
            drawn = false;
        }
        stdio.err().println("trit: " + line);
    }
}
