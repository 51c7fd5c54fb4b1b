package dev.trit.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages bytes the way disks, networks and attackers do; the same seed gives the same damage. */
final class Mutation {
    private static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        7,
        31,
        32,
        127,
        128,
        255,
        256,
        65535,
        65536,
        1 << 20,
        1 << 30,
        Integer.MAX_VALUE,
        1L << 31,
        (1L << 32) - 1,
        1L << 32,
        1L << 40,
        1L << 61,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1
    };
    private static final String[] JSON = {
        "",
        "null",
        "true",
        "-1",
        "0",
        "1e999",
        "0.5",
        "\"x\"",
        "[]",
        "{}",
        "[[[[",
        "{\"a\":",
        ",",
        "}",
        "\u0000",
        "\\ud800",
        "99999999999999999999999",
        "2147483648",
        "9223372036854775807",
        "-9223372036854775808",
        "../x.safetensors"
    };

    private final Random random;
    private final List<byte[]> others;

    /** @param others what pieces are spliced in from */
    Mutation(long seed, List<byte[]> others) {
        this.random = new Random(seed);
        this.others = others;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** One to three mutations of {@code bytes}; {@code json} adds those that keep text mostly readable. */
    byte[] of(byte[] bytes, boolean json) {
        byte[] out = bytes.clone();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            out = out.length == 0 ? new byte[] {(byte) random.nextInt()} : once(out, json && random.nextInt(3) > 0);
        }
        return out;
    }

    private byte[] once(byte[] b, boolean json) {
        int at = random.nextInt(b.length);
        if (json) {
            // Replace a number or word, or everything between two marks of punctuation, by another piece of JSON.
            int from = at;
            int to = at;
            while (from > 0 && isWord(b[from - 1])) {
                from--;
            }
            while (to < b.length && isWord(b[to])) {
                to++;
            }
            byte[] piece = JSON[random.nextInt(JSON.length)].getBytes(StandardCharsets.UTF_8);
            return replace(b, from, to, piece);
        }
        switch (random.nextInt(8)) {
            case 0 -> b[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> b[at] = (byte) random.nextInt(256);
            case 2 -> edge(b, at, 8);
            case 3 -> edge(b, at, 4);
            case 4 -> {
                return Arrays.copyOf(b, at);
            }
            case 5 -> { // remove a piece
                return replace(b, at, at + random.nextInt(Math.min(64, b.length - at)), new byte[0]);
            }
            case 6 -> { // repeat a piece
                byte[] piece = Arrays.copyOfRange(b, at, at + random.nextInt(Math.min(256, b.length - at)));
                return replace(b, at, at, piece);
            }
            default -> { // splice a piece of another file in, over what is there or between
                byte[] other = others.get(random.nextInt(others.size()));
                int from = random.nextInt(other.length);
                byte[] piece =
                        Arrays.copyOfRange(other, from, from + random.nextInt(Math.min(256, other.length - from)));
                return replace(b, at, random.nextBoolean() ? at : Math.min(b.length, at + piece.length), piece);
            }
        }
        return b;
    }

    private void edge(byte[] b, int at, int bytes) {
        long v = EDGES[random.nextInt(EDGES.length)] + random.nextInt(3) - 1;
        for (int i = 0; i < bytes && at + i < b.length; i++) {
            b[at + i] = (byte) (v >>> 8 * i);
        }
    }

    private static boolean isWord(byte c) {
        return Character.isLetterOrDigit(c) || c == '.' || c == '-' || c == '_' || c == '"';
    }

    private static byte[] replace(byte[] b, int from, int to, byte[] piece) {
        byte[] out = new byte[b.length - (to - from) + piece.length];
        System.arraycopy(b, 0, out, 0, from);
        System.arraycopy(piece, 0, out, from, piece.length);
        System.arraycopy(b, to, out, from + piece.length, b.length - to);
        return out;
    }
}
