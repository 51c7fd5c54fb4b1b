package dev.trit.tensor;

/** How a {@link KvRows} holds its numbers: the word of {@code --kv}. */
public enum KvType {
    /** As computed. */
    F32("f32", 4, 0),
    /** Half precision, rounded to nearest, ties to even; what exceeds 65504 is cut to it. */
    F16("f16", 2, 0),
    /** Eight bits and one float32 scale for each row: scale = max|x| / 127, code = rint(x * (127 / max|x|)). */
    Q8("q8", 1, 4);

    private final String word;
    private final int bytes;
    private final int scaleBytes;

    KvType(String word, int bytes, int scaleBytes) {
        this.word = word;
        this.bytes = bytes;
        this.scaleBytes = scaleBytes;
    }

    public String word() {
        return word;
    }

    /** Bytes of a row of {@code n} values. */
    public int rowBytes(int n) {
        return n * bytes + scaleBytes;
    }

    /** @throws TensorException if none has this word */
    public static KvType of(String word) {
        for (KvType type : values()) {
            if (type.word.equals(word)) {
                return type;
            }
        }
        throw new TensorException("no element type '" + word + "' for keys and values: use f32, f16 or q8");
    }
}
