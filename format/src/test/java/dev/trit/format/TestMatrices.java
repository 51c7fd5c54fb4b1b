package dev.trit.format;

import dev.trit.tensor.Scales;
import dev.trit.tensor.TernaryTensor;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.zip.CRC32;

/** Matrices for codec tests, and the bytes that codecs make of them. */
final class TestMatrices {
    private TestMatrices() {}

    /** The generator behind the published test vectors of all dialects. */
    static byte[] lcg(int n) {
        byte[] trits = new byte[n];
        int z = 12345;
        for (int i = 0; i < n; i++) {
            z = z * 1103515245 + 12345 & 0x7fffffff;
            trits[i] = (byte) ((z >> 16) % 3 - 1);
        }
        return trits;
    }

    static TernaryTensor random(int rows, int cols, Scales scales, long seed) {
        Random random = new Random(seed);
        byte[] trits = new byte[rows * cols];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        return TernaryTensor.of(rows, cols, trits, scales);
    }

    static byte[] encode(TernaryDialect dialect, TernaryTensor t) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        dialect.encode(t, out::write);
        return out.toByteArray();
    }

    static TernaryTensor decode(TernaryDialect dialect, byte[] blob, int rows, int cols) {
        return dialect.decode(MemorySegment.ofArray(blob), rows, cols);
    }

    static String crc32(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return "%08x".formatted(crc.getValue());
    }
}
