package dev.trit.format;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Spells numbers, strings and metadata values as GGUF headers do: the mirror of {@link GgufHeader}. */
final class GgufHeaderWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] bytes() {
        return out.toByteArray();
    }

    GgufHeaderWriter i32(int v) {
        return little(v, 4);
    }

    GgufHeaderWriter i64(long v) {
        return little(v, 8);
    }

    GgufHeaderWriter string(String s) {
        byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
        i64(utf8.length);
        out.writeBytes(utf8);
        return this;
    }

    /** Type and value; {@code type} is that of the elements if {@code value} is an array or a list. */
    GgufHeaderWriter value(GgufValueType type, Object value) {
        if (!(value instanceof List<?>) && !value.getClass().isArray()) {
            i32(type.ordinal());
            return scalar(type, value);
        }
        i32(GgufValueType.ARRAY.ordinal());
        return array(type, value);
    }

    /** Element type, count, elements. */
    private GgufHeaderWriter array(GgufValueType type, Object value) {
        i32(type.ordinal());
        switch (value) {
            case byte[] a -> {
                i64(a.length);
                out.writeBytes(a);
            }
            case int[] a -> {
                i64(a.length);
                for (int v : a) {
                    // int[] holds U32 and I32 by their bits.
                    little(v, GgufValueType.U32 == type || GgufValueType.I32 == type ? 4 : 2);
                }
            }
            case long[] a -> {
                i64(a.length);
                for (long v : a) {
                    i64(v);
                }
            }
            case float[] a -> {
                i64(a.length);
                for (float v : a) {
                    i32(Float.floatToRawIntBits(v));
                }
            }
            case double[] a -> {
                i64(a.length);
                for (double v : a) {
                    i64(Double.doubleToRawLongBits(v));
                }
            }
            case boolean[] a -> {
                i64(a.length);
                for (boolean v : a) {
                    out.write(v ? 1 : 0);
                }
            }
            case List<?> a -> {
                i64(a.size());
                for (Object v : a) {
                    if (type == GgufValueType.ARRAY) {
                        array(GgufValueType.of(v), v);
                    } else {
                        scalar(type, v);
                    }
                }
            }
            default -> throw wrong(type, value);
        }
        return this;
    }

    private GgufHeaderWriter scalar(GgufValueType type, Object value) {
        return switch (type) {
            case STRING -> {
                if (!(value instanceof String s)) {
                    throw wrong(type, value);
                }
                yield string(s);
            }
            case BOOL -> {
                if (!(value instanceof Boolean b)) {
                    throw wrong(type, value);
                }
                yield little(b ? 1 : 0, 1);
            }
            case F32 -> i32(Float.floatToRawIntBits(number(type, value).floatValue()));
            case F64 -> i64(Double.doubleToRawLongBits(number(type, value).doubleValue()));
            case U8 -> integer(type, value, 1, 0, 0xff);
            case I8 -> integer(type, value, 1, Byte.MIN_VALUE, Byte.MAX_VALUE);
            case U16 -> integer(type, value, 2, 0, 0xffff);
            case I16 -> integer(type, value, 2, Short.MIN_VALUE, Short.MAX_VALUE);
            case U32 -> integer(type, value, 4, 0, 0xffffffffL);
            case I32 -> integer(type, value, 4, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case U64, I64 -> i64(number(type, value).longValue()); // a Long holds U64 by its bits
            case ARRAY -> throw wrong(type, value);
        };
    }

    private GgufHeaderWriter integer(GgufValueType type, Object value, int bytes, long min, long max) {
        long v = number(type, value).longValue();
        if (value instanceof Float || value instanceof Double || v < min || v > max) {
            throw wrong(type, value);
        }
        return little(v, bytes);
    }

    private static Number number(GgufValueType type, Object value) {
        if (value instanceof Number n) {
            return n;
        }
        throw wrong(type, value);
    }

    private static FormatException wrong(GgufValueType type, Object value) {
        return new FormatException(
                "a metadata value does not fit its type",
                type,
                "%s %s".formatted(value.getClass().getSimpleName(), value));
    }

    private GgufHeaderWriter little(long v, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (v >>> 8 * i));
        }
        return this;
    }
}
