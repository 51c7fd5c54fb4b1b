package dev.trit.model;

import dev.trit.tensor.ActivationRows;
import dev.trit.tensor.FloatTensor;
import dev.trit.tensor.HeadScreen;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.ThreadTeam;
import java.lang.foreign.Arena;
import java.util.Locale;

/** How long the error bars of a screen would have had to be for no greedy token to differ, and how errors are spread. */
final class Needed {
    private final FloatTensor head;
    private final HeadScreen screen;
    private final Kernels kernels;
    private final ThreadTeam team;
    private final ActivationRows quantized;
    private final float[] exact;
    private final float[] rough;
    private final float[] rotated;
    private int tokens;
    private int notRoughlyFirst;
    private double most;
    private double largest;
    private double squares;
    private long errors;
    private final double[] sums = new double[2]; // candidates at 6 and 8 standard deviations

    Needed(FloatTensor head, Kernels kernels, Arena arena, ThreadTeam team) {
        this.head = head;
        this.kernels = kernels;
        this.team = team;
        this.screen = HeadScreen.pack(head, kernels, arena, team);
        this.quantized = new ActivationRows(1, head.cols());
        this.exact = new float[head.rows()];
        this.rough = new float[head.rows()];
        this.rotated = new float[head.cols()];
    }

    /** One hidden state, [cols] at {@code at}. */
    void add(float[] hidden, int at) {
        System.arraycopy(hidden, at, rotated, 0, rotated.length);
        screen.rotate(kernels, rotated, 0);
        quantized.resize(1, head.cols());
        kernels.quantize(rotated, 0, quantized, 0);
        team.run(head.rows(), 64, (from, to) -> {
            kernels.matmul(head, hidden, at, head.cols(), 1, from, to, exact, exact.length);
            kernels.screen(screen, quantized, from, to, rough, rough.length);
        });
        double energy = 0;
        double lost = 0;
        for (int c = 0; c < rotated.length; c++) {
            energy += rotated[c] * rotated[c];
            double d = rotated[c] - quantized.scales()[0] * quantized.bytes()[c];
            lost += d * d;
        }
        double length = Math.max(Math.sqrt(energy), Math.sqrt(lost) / HeadScreen.INPUT_ERROR);
        int winner = 0;
        int first = 0;
        for (int id = 0; id < exact.length; id++) {
            winner = exact[id] > exact[winner] ? id : winner;
            first = rough[id] > rough[first] ? id : first;
            double bar = length * screen.deviations()[id];
            if (bar > 0) {
                double error = Math.abs(exact[id] - rough[id]) / bar;
                largest = Math.max(largest, error);
                squares += error * error;
                errors++;
            }
        }
        tokens++;
        for (int id = 0; id < exact.length; id++) {
            double bar = length * screen.deviations()[id];
            sums[0] += rough[id] + 6 * bar >= exact[first] ? 1 : 0;
            sums[1] += rough[id] + 8 * bar >= exact[first] ? 1 : 0;
        }
        if (winner != first && exact[winner] > exact[first]) {
            notRoughlyFirst++;
            most = Math.max(most, (exact[first] - rough[winner]) / (length * screen.deviations()[winner]));
        }
    }

    /** The bar that would have been needed, in standard deviations. */
    double most() {
        return most;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d tokens, winner not first by the screen in %d, bar needed %.2f; errors: spread %.3f, largest of %d %.2f;"
                        + " candidates at 6 and 8: %.1f, %.1f",
                tokens,
                notRoughlyFirst,
                most,
                Math.sqrt(squares / errors),
                errors,
                largest,
                sums[0] / tokens,
                sums[1] / tokens);
    }
}
