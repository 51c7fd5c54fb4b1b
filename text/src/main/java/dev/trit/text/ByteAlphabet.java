package dev.trit.text;

/**
 * The letters in which byte-level vocabularies (GPT-2 and all after it) write bytes: printable Latin-1 bytes are
 * themselves, the other 68 are U+0100 upwards in order, so that space is U+0120 and newline U+010A.
 */
final class ByteAlphabet {
    private static final char[] LETTERS = new char[256];
    private static final short[] BYTES = new short[0x144];

    static {
        java.util.Arrays.fill(BYTES, (short) -1);
        char next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b != 0xAD;
            char letter = printable ? (char) b : next++;
            LETTERS[b] = letter;
            BYTES[letter] = (short) b;
        }
    }

    private ByteAlphabet() {}

    /** The letter of a byte, 0 to 255. */
    static char letter(int b) {
        return LETTERS[b];
    }

    /** The byte of a letter, or -1 if the character is none. */
    static int byteOf(char letter) {
        return letter < BYTES.length ? BYTES[letter] : -1;
    }

    /** The bytes of a token text, or null if a character of it is not a letter of this alphabet. */
    static byte @org.jspecify.annotations.Nullable [] bytes(String letters) {
        byte[] out = new byte[letters.length()];
        for (int i = 0; i < out.length; i++) {
            int b = byteOf(letters.charAt(i));
            if (b < 0) {
                return null;
            }
            out[i] = (byte) b;
        }
        return out;
    }
}
