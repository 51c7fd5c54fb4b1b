package dev.trit.model;

import dev.trit.tensor.HeadScreen;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.ThreadTeam;
import java.lang.foreign.Arena;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the output head is read where a token is chosen. Log-probabilities always come from all of it. */
public enum Head {
    /** Every row. */
    EXACT,
    /**
     * A 4-bit copy first, with an error bar for each row; then those rows whose bars reach what is needed, exactly. The
     * token is the same unless an error is beyond its bar of eight standard deviations.
     */
    SCREENED;

    /** Smaller vocabularies are read whole: the search would cost what it saves. */
    private static final int LARGE = 16_384;

    /** What {@code --head} calls it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What is guaranteed, in a sentence. */
    public String guarantee() {
        return switch (this) {
            case EXACT -> "every logit is computed";
            case SCREENED ->
                "a 4-bit copy finds the candidates, which are computed exactly; statistical: a token is missed only where an"
                        + " error exceeds %.0f standard deviations".formatted(ScreenedHead.BAR);
        };
    }

    /** What these kernels do with large heads if not told otherwise. */
    public static Head usual(Kernels kernels) {
        return kernels.screensFast() ? SCREENED : EXACT;
    }

    /** The screen of a head, or null if it is to be read whole. @param wanted null to choose */
    static @Nullable HeadScreen screen(
            @Nullable Head wanted, Linear head, Kernels kernels, Arena arena, ThreadTeam team) {
        if (wanted == EXACT || !(head instanceof Linear.Dense dense)) {
            return null;
        }
        long half = (long) dense.rows() * dense.cols() / 2; // bytes of the screen
        boolean pays = usual(kernels) == SCREENED && dense.rows() >= LARGE && dense.bytes() >= half + half / 4;
        return wanted == SCREENED || pays ? HeadScreen.pack(dense.weights(), kernels, arena, team) : null;
    }
}
