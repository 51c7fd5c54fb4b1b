package dev.trit.format;

import java.util.List;

/** Types of GGUF metadata values; the ordinal is the number in the file. */
public enum GgufValueType {
    U8(1),
    I8(1),
    U16(2),
    I16(2),
    U32(4),
    I32(4),
    F32(4),
    BOOL(1),
    STRING(8),
    ARRAY(12),
    U64(8),
    I64(8),
    F64(8);

    private static final GgufValueType[] ALL = values();

    private final int minBytes;

    GgufValueType(int minBytes) {
        this.minBytes = minBytes;
    }

    /** The fewest bytes that a value of this type takes in a file. */
    int minBytes() {
        return minBytes;
    }

    static GgufValueType of(long id) {
        if (id < 0 || id >= ALL.length) {
            throw new FormatException("unknown metadata value type", "0 to " + (ALL.length - 1), id);
        }
        return ALL[(int) id];
    }

    /**
     * The type that llama.cpp expects for a Java value: counts are U32, negative numbers I32; {@code int[]} is I32
     * (token types), {@code float[]} F32 (scores), {@code byte[]} U8.
     */
    static GgufValueType of(Object value) {
        return switch (value) {
            case Integer i -> i >= 0 ? U32 : I32;
            case Long l -> l >= 0 ? U64 : I64;
            case Float f -> F32;
            case Double d -> F64;
            case Boolean b -> BOOL;
            case String s -> STRING;
            case byte[] b -> U8;
            case int[] i -> I32;
            case long[] l -> I64;
            case float[] f -> F32;
            case double[] d -> F64;
            case boolean[] b -> BOOL;
            case List<?> l -> l.isEmpty() || l.getFirst() instanceof String ? STRING : ARRAY;
            default ->
                throw new FormatException(
                        "this value has no GGUF type",
                        "a number, boolean, string, primitive array or list of strings",
                        value.getClass().getSimpleName());
        };
    }
}
