package dev.trit.model;

import dev.trit.tensor.HeadScreen;
import dev.trit.tensor.Kernels;
import dev.trit.tensor.ThreadTeam;
import java.lang.foreign.SegmentAllocator;
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

    /** The screen of a head, or null if it is to be read whole. @param wanted null for {@link #EXACT} */
    static @Nullable HeadScreen screen(
            @Nullable Head wanted, Linear head, Kernels kernels, SegmentAllocator memory, ThreadTeam team) {
        return wanted == SCREENED && head instanceof Linear.Dense dense
                ? HeadScreen.pack(dense.weights(), kernels, memory, team)
                : null;
    }
}
