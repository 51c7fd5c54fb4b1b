package dev.trit.format;

import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The front part of a GGUF file: metadata and the directory of tensors, checked against the file's size but not yet
 * interpreted.
 *
 * <p>{@code "GGUF", u32 version, u64 tensors, u64 keys, {string key, u32 type, value}*, {string name, u32 rank, u64
 * dims[rank] (columns first), u32 type id, u64 offset}*, padding, data}.
 *
 * @param version 2 or 3 (the same layout)
 * @param metadata values in file order, see {@link Checkpoint#metadata}
 * @param types the stored type of each value; of an array, that of its elements
 * @param dataStart where the data section begins; offsets count from there
 */
record GgufHeader(
        int version,
        Map<String, Object> metadata,
        Map<String, GgufValueType> types,
        List<Entry> entries,
        int alignment,
        long dataStart) {
    static final int MAGIC = 0x46554747; // "GGUF"
    private static final int MAX_ARRAY_DEPTH = 4;

    /** One line of the directory. @param dims columns first, 1 to 4 of them, each at least 1 */
    record Entry(String name, long[] dims, long typeId, long offset) {}

    static GgufHeader read(FileChannel channel, long size) {
        HeaderReader in = new HeaderReader(channel, size);
        int magic = in.i32("the magic number");
        if (magic != MAGIC) {
            throw new FormatException(
                    "not a GGUF file", "the bytes 47475546", "%08x".formatted(Integer.reverseBytes(magic)));
        }
        int version = in.i32("the version");
        if (version != 2 && version != 3) {
            boolean bigEndian = (version & 0xffff) == 0 && version != 0;
            throw new FormatException(
                    bigEndian ? "a big-endian GGUF file" : "unsupported GGUF version",
                    bigEndian ? "little-endian, version 3" : "version 3 or 2",
                    bigEndian ? "version bytes %08x".formatted(Integer.reverseBytes(version)) : version,
                    "Convert the model again with a current converter.");
        }
        long tensors = in.i64("the tensor count");
        int keys = in.count(in.i64("the metadata count"), 13, "metadata values");
        Map<String, Object> metadata = LinkedHashMap.newLinkedHashMap(Math.min(keys, 256));
        Map<String, GgufValueType> types = LinkedHashMap.newLinkedHashMap(Math.min(keys, 256));
        for (int i = 0; i < keys; i++) {
            String key = in.string("a metadata key");
            GgufValueType type = GgufValueType.of(in.u32("the type of " + key));
            if (types.containsKey(key)) {
                throw new FormatException("metadata key %s occurs twice".formatted(FormatException.clip(key)));
            }
            if (type == GgufValueType.ARRAY) {
                GgufValueType of = GgufValueType.of(in.u32(key));
                metadata.put(key, array(in, of, key, 1));
                types.put(key, of);
            } else {
                metadata.put(key, value(in, type, key));
                types.put(key, type);
            }
        }
        List<Entry> entries = entries(in, tensors);
        int alignment = alignment(metadata);
        long end = in.position();
        long dataStart = align(end, alignment);
        if (!entries.isEmpty() && dataStart > size) {
            throw new FormatException("the file ends before its data section", dataStart + " bytes", size);
        }
        return new GgufHeader(
                version,
                Collections.unmodifiableMap(metadata),
                Collections.unmodifiableMap(types),
                entries,
                alignment,
                dataStart);
    }

    static long align(long n, int alignment) {
        return (n + alignment - 1) & -alignment;
    }

    private static List<Entry> entries(HeaderReader in, long tensors) {
        int count = in.count(tensors, 8 + 4 + 8 + 4 + 8, "tensors");
        List<Entry> entries = new ArrayList<>(Math.min(count, 1 << 14));
        Set<String> names = HashSet.newHashSet(Math.min(count, 1 << 14));
        for (int i = 0; i < count; i++) {
            String name = in.string("a tensor name");
            try {
                if (name.isEmpty() || !names.add(name)) {
                    throw new FormatException(name.isEmpty() ? "a tensor without a name" : "the name occurs twice");
                }
                int rank = in.i32("the rank");
                if (rank < 1 || rank > 4) {
                    throw new FormatException("unsupported rank", "1 to 4", Integer.toUnsignedString(rank));
                }
                long[] dims = new long[rank];
                for (int d = 0; d < rank; d++) {
                    dims[d] = in.i64("a dimension");
                    if (dims[d] < 1) {
                        throw new FormatException("a dimension is out of range", "at least 1", dims[d]);
                    }
                }
                long type = in.u32("the type");
                entries.add(new Entry(name, dims, type, in.i64("the offset")));
            } catch (FormatException e) {
                throw e.at(null, name);
            }
        }
        return Collections.unmodifiableList(entries);
    }

    private static int alignment(Map<String, Object> metadata) {
        Object value = metadata.getOrDefault("general.alignment", 32);
        if (!(value instanceof Integer alignment) || Integer.bitCount(alignment) != 1 || alignment < 1) {
            throw new FormatException("general.alignment is not usable", "a power of two", value);
        }
        return alignment;
    }

    private static Object value(HeaderReader in, GgufValueType type, String key) {
        return switch (type) {
            case U8 -> in.u8(key);
            case I8 -> (int) (byte) in.u8(key);
            case U16 -> in.u16(key);
            case I16 -> (int) (short) in.u16(key);
            case U32 -> {
                long v = in.u32(key);
                yield v <= Integer.MAX_VALUE ? (Object) (int) v : (Object) v;
            }
            case I32 -> in.i32(key);
            case F32 -> Float.intBitsToFloat(in.i32(key));
            case BOOL -> bool(in, key);
            case STRING -> in.string(key);
            case U64, I64 -> in.i64(key);
            case F64 -> Double.longBitsToDouble(in.i64(key));
            case ARRAY -> throw new IllegalStateException("arrays are read by array()");
        };
    }

    private static boolean bool(HeaderReader in, String key) {
        int b = in.u8(key);
        if (b > 1) {
            throw new FormatException("%s is not a boolean".formatted(FormatException.clip(key)), "0 or 1", b);
        }
        return b == 1;
    }

    private static Object array(HeaderReader in, GgufValueType of, String key, int depth) {
        int n = in.count(in.i64(key), of.minBytes(), "elements of " + FormatException.clip(key));
        return switch (of) {
            case U8, I8 -> in.bytes(n, key);
            case U16, I16, U32, I32 -> {
                int[] out = new int[n];
                for (int i = 0; i < n; i++) {
                    out[i] = switch (of) {
                        case U16 -> in.u16(key);
                        case I16 -> (short) in.u16(key);
                        default -> in.i32(key);
                    };
                }
                yield out;
            }
            case U64, I64 -> {
                long[] out = new long[n];
                for (int i = 0; i < n; i++) {
                    out[i] = in.i64(key);
                }
                yield out;
            }
            case F32 -> {
                float[] out = new float[n];
                for (int i = 0; i < n; i++) {
                    out[i] = Float.intBitsToFloat(in.i32(key));
                }
                yield out;
            }
            case F64 -> {
                double[] out = new double[n];
                for (int i = 0; i < n; i++) {
                    out[i] = Double.longBitsToDouble(in.i64(key));
                }
                yield out;
            }
            case BOOL -> {
                boolean[] out = new boolean[n];
                for (int i = 0; i < n; i++) {
                    out[i] = bool(in, key);
                }
                yield out;
            }
            case STRING -> in.strings(n, key);
            case ARRAY -> {
                if (depth == MAX_ARRAY_DEPTH) {
                    throw new FormatException(
                            "%s holds arrays in arrays".formatted(FormatException.clip(key)),
                            "at most %d deep".formatted(MAX_ARRAY_DEPTH),
                            "deeper");
                }
                List<Object> out = new ArrayList<>(Math.min(n, 1 << 18));
                for (int i = 0; i < n; i++) {
                    out.add(array(in, GgufValueType.of(in.u32(key)), key, depth + 1));
                }
                yield Collections.unmodifiableList(out);
            }
        };
    }
}
