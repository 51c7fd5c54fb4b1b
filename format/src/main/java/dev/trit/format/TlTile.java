package dev.trit.format;

import org.jspecify.annotations.Nullable;

/**
 * How bitnet.cpp cuts a matrix for one of its lookup kernels. TL1 and TL2 blobs are tied to the tile sizes they were made
 * with, and do not say them: these are the ones of the models that were published.
 *
 * @param rows BM: rows of a tile
 * @param cols BK or BY: columns of a tile
 * @param kernelRows bm: rows that one kernel step takes, 32 or 64
 */
public record TlTile(int rows, int cols, int kernelRows) {
    private record Shipped(
            int rows,
            int cols,
            @Nullable TlTile tl1,
            @Nullable TlTile tl2) {}

    /** kernel_config.ini of bitnet_b1_58-large, bitnet_b1_58-3B and Llama3-8B-1.58, by shape of the matrix. */
    private static final Shipped[] SHIPPED = {
        new Shipped(3200, 8640, new TlTile(160, 64, 32), new TlTile(160, 96, 32)),
        new Shipped(3200, 3200, new TlTile(320, 128, 64), new TlTile(320, 96, 32)),
        new Shipped(8640, 3200, new TlTile(320, 64, 32), new TlTile(320, 96, 32)),
        new Shipped(1536, 4096, new TlTile(256, 128, 32), null),
        new Shipped(1536, 1536, new TlTile(128, 64, 64), null),
        new Shipped(4096, 1536, new TlTile(256, 128, 32), null),
        new Shipped(14336, 4096, null, new TlTile(256, 96, 32)),
        new Shipped(4096, 14336, null, new TlTile(128, 96, 32)),
        new Shipped(1024, 4096, null, new TlTile(256, 96, 32)),
        new Shipped(4096, 4096, null, new TlTile(128, 96, 32)),
    };

    /** @throws FormatException for sizes no kernel has */
    public TlTile {
        if (rows < 1 || cols < 1 || (kernelRows != 32 && kernelRows != 64) || rows % kernelRows != 0) {
            throw new FormatException(
                    "impossible tile sizes",
                    "BM a multiple of bm, bm 32 or 64",
                    "BM %d, BK %d, bm %d".formatted(rows, cols, kernelRows));
        }
    }

    /**
     * The tile of a published TL1 file.
     *
     * @throws FormatException if no published model has a matrix of this shape
     */
    public static TlTile tl1(int rows, int cols) {
        Shipped shipped = shipped(rows, cols);
        return known("TL1", rows, cols, shipped == null ? null : shipped.tl1);
    }

    /**
     * The tile of a published TL2 file.
     *
     * @throws FormatException if no published model has a matrix of this shape
     */
    public static TlTile tl2(int rows, int cols) {
        Shipped shipped = shipped(rows, cols);
        return known("TL2", rows, cols, shipped == null ? null : shipped.tl2);
    }

    private static @Nullable Shipped shipped(int rows, int cols) {
        for (Shipped s : SHIPPED) {
            if (s.rows == rows && s.cols == cols) {
                return s;
            }
        }
        return null;
    }

    private static TlTile known(String dialect, int rows, int cols, @Nullable TlTile tile) {
        if (tile == null) {
            throw new FormatException(
                    "%s needs the tile sizes it was made with, which the file does not hold".formatted(dialect),
                    "a shape of bitnet_b1_58-large, bitnet_b1_58-3B or Llama3-8B-1.58",
                    "[%d, %d]".formatted(rows, cols),
                    "Use the I2_S file of this model.");
        }
        return tile;
    }
}
