package dev.trit.format;

import dev.trit.tensor.DType;
import dev.trit.tensor.FloatTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * One safetensors file: {@code u64 header length, JSON header {name: {dtype, shape, data_offsets: [begin, end]}}, data}.
 *
 * <p>The header is checked against the file's size, tensors are mapped on demand.
 */
public final class SafetensorsFile implements AutoCloseable {
    /** Bytes of one element of each dtype that may be met; F32, F16 and BF16 can be read as floats. */
    static final Map<String, Integer> DTYPE_BYTES = Map.ofEntries(
            Map.entry("F32", 4),
            Map.entry("F16", 2),
            Map.entry("BF16", 2),
            Map.entry("F64", 8),
            Map.entry("F8_E4M3", 1),
            Map.entry("F8_E5M2", 1),
            Map.entry("U8", 1),
            Map.entry("I8", 1),
            Map.entry("BOOL", 1),
            Map.entry("U16", 2),
            Map.entry("I16", 2),
            Map.entry("U32", 4),
            Map.entry("I32", 4),
            Map.entry("U64", 8),
            Map.entry("I64", 8));

    private static final int MAX_HEADER = 100_000_000; // the reference implementation's limit

    /**
     * A tensor of the file.
     *
     * @param shape outermost dimension first; empty for a scalar
     * @param start of its bytes, counted from the beginning of the file
     */
    public record Entry(String name, String dtype, long[] shape, long start, long bytes) {
        /** Rows when flattened to [product of the outer dimensions, last dimension]; 1 for vectors and scalars. */
        public int rows() {
            long rows = 1;
            for (int i = 0; i < shape.length - 1; i++) {
                rows *= shape[i];
            }
            return Math.toIntExact(rows);
        }

        public int cols() {
            return shape.length == 0 ? 1 : Math.toIntExact(shape[shape.length - 1]);
        }
    }

    private final OpenFile file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private SafetensorsFile(OpenFile file) {
        this.file = file;
        HeaderReader in = new HeaderReader(file.channel(), file.size());
        long length = in.i64("the header length");
        if (length < 2 || length > Math.min(MAX_HEADER, in.remaining())) {
            throw new FormatException(
                    "the header length cannot be right",
                    "2 to " + Math.min(MAX_HEADER, in.remaining()),
                    Long.toUnsignedString(length),
                    "Not a safetensors file, or one that is truncated; download it again.");
        }
        byte[] header = in.bytes((int) length, "the header");
        try (JsonParser json = Json.FACTORY.createParser(ObjectReadContext.empty(), header, 0, header.length)) {
            readHeader(json, 8 + length);
        } catch (JacksonException e) {
            throw Json.malformed(e);
        }
        checkOverlaps();
    }

    /**
     * Opens and checks a file.
     *
     * @throws FormatException if it cannot be read or anything in its header contradicts its size
     */
    public static SafetensorsFile open(Path path) {
        OpenFile file = OpenFile.open(path);
        try {
            return new SafetensorsFile(file);
        } catch (FormatException e) {
            file.close();
            throw e.at(path, null);
        }
    }

    public Path path() {
        return file.path();
    }

    /** Bytes of the whole file. */
    public long size() {
        return file.size();
    }

    /** All tensors in the order of the header. */
    public Collection<Entry> entries() {
        return Collections.unmodifiableCollection(entries.values());
    }

    public boolean has(String name) {
        return entries.containsKey(name);
    }

    /**
     * The tensor of that name.
     *
     * @throws FormatException if there is none
     */
    public Entry entry(String name) {
        Entry e = entries.get(name);
        if (e == null) {
            throw new FormatException("no such tensor", null, entries.size() + " others").at(path(), name);
        }
        return e;
    }

    /** Strings under {@code __metadata__}. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /** Maps the bytes of a tensor as they are. */
    public MemorySegment map(Entry e, Arena arena) {
        return file.map(e.start(), e.bytes(), arena);
    }

    /**
     * Maps a tensor of dtype F32, F16 or BF16, flattened to [product of the outer dimensions, last dimension].
     *
     * @throws FormatException if it is of another dtype or empty
     */
    public FloatTensor floats(Entry e, Arena arena) {
        DType type = floatType(e.dtype());
        if (type == null || e.bytes() == 0) {
            throw new FormatException(
                            "cannot be read as floats",
                            "F32, F16 or BF16, not empty",
                            "%s %s".formatted(e.dtype(), Arrays.toString(e.shape())))
                    .at(path(), e.name());
        }
        return new FloatTensor(type, e.rows(), e.cols(), map(e, arena));
    }

    static @Nullable DType floatType(String dtype) {
        return switch (dtype) {
            case "F32" -> DType.F32;
            case "F16" -> DType.F16;
            case "BF16" -> DType.BF16;
            default -> null;
        };
    }

    @Override
    public void close() {
        file.close();
    }

    private void readHeader(JsonParser json, long dataStart) {
        expect(json.nextToken(), JsonToken.START_OBJECT, "the header");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals("__metadata__")) {
                readMetadata(json);
                continue;
            }
            try {
                entries.put(name, readEntry(json, name, dataStart));
            } catch (FormatException e) {
                throw e.at(null, name);
            }
        }
        if (json.nextToken() != null) {
            throw new FormatException("more JSON after the header's object");
        }
    }

    private void readMetadata(JsonParser json) {
        expect(json.currentToken(), JsonToken.START_OBJECT, "__metadata__");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = json.currentName();
            expect(json.nextToken(), JsonToken.VALUE_STRING, "a value of __metadata__");
            metadata.put(key, json.getString());
        }
    }

    private Entry readEntry(JsonParser json, String name, long dataStart) {
        expect(json.currentToken(), JsonToken.START_OBJECT, "the description");
        String dtype = null;
        long[] shape = null;
        long[] offsets = null;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "dtype" -> {
                    expect(json.currentToken(), JsonToken.VALUE_STRING, "dtype");
                    dtype = json.getString();
                }
                case "shape" -> shape = readLongs(json, "shape");
                case "data_offsets" -> offsets = readLongs(json, "data_offsets");
                default -> json.skipChildren();
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
            throw new FormatException("the description is incomplete", "dtype, shape and two data_offsets", null);
        }
        Integer elementBytes = DTYPE_BYTES.get(dtype);
        if (elementBytes == null) {
            throw new FormatException(
                    "unknown dtype",
                    String.join(", ", DTYPE_BYTES.keySet().stream().sorted().toList()),
                    dtype);
        }
        long bytes = bytes(shape, elementBytes);
        long room = file.size() - dataStart;
        if (offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > room || offsets[1] - offsets[0] != bytes) {
            throw new FormatException(
                    "data_offsets do not fit",
                    "%d bytes of %s inside 0 to %d".formatted(bytes, dtype, room),
                    "%d to %d".formatted(offsets[0], offsets[1]),
                    "The file is truncated or damaged; download it again.");
        }
        return new Entry(name, dtype, shape, dataStart + offsets[0], bytes);
    }

    /** Bytes of a shape; dimensions may be 0, and their flattened rows and columns must fit an int. */
    static long bytes(long[] shape, int elementBytes) {
        long rows = 1;
        for (int i = 0; i < shape.length; i++) {
            boolean last = i == shape.length - 1;
            if (shape[i] < 0 || shape[i] > Integer.MAX_VALUE || (!last && rows * shape[i] > Integer.MAX_VALUE)) {
                throw new FormatException(
                        "the shape is out of range", "0 to 2^31 - 1 rows and columns", Arrays.toString(shape));
            }
            rows = last ? rows : rows * shape[i];
        }
        long elements = shape.length == 0 ? 1 : rows * shape[shape.length - 1]; // below 2^62
        if (elements > Long.MAX_VALUE / elementBytes) {
            throw new FormatException("the shape is out of range", "less than 2^63 bytes", Arrays.toString(shape));
        }
        return elements * elementBytes;
    }

    private static long[] readLongs(JsonParser json, String what) {
        expect(json.currentToken(), JsonToken.START_ARRAY, what);
        long[] out = new long[8];
        int n = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
            if (n == out.length) {
                throw new FormatException("%s is too long".formatted(what), "at most 8 numbers", "more");
            }
            out[n++] = json.getLongValue();
        }
        return Arrays.copyOf(out, n);
    }

    private static void expect(@Nullable JsonToken got, JsonToken expected, String what) {
        if (got != expected) {
            throw new FormatException("%s has the wrong JSON type".formatted(what), expected, got);
        }
    }

    private void checkOverlaps() {
        List<Entry> byStart = new ArrayList<>(entries.values());
        byStart.removeIf(e -> e.bytes() == 0);
        byStart.sort(Comparator.comparingLong(Entry::start));
        for (int i = 1; i < byStart.size(); i++) {
            Entry before = byStart.get(i - 1);
            Entry e = byStart.get(i);
            if (e.start() < before.start() + before.bytes()) {
                throw new FormatException(
                                "its data overlaps that of " + FormatException.clip(before.name()),
                                "a start from %d on".formatted(before.start() + before.bytes()),
                                e.start())
                        .at(null, e.name());
            }
        }
    }
}
