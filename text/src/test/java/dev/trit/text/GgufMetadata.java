package dev.trit.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Key/value pairs of a GGUF file, for tests of this module, which must not need the module that reads files. */
final class GgufMetadata {
    private final ByteBuffer in;

    private GgufMetadata(ByteBuffer in) {
        this.in = in;
    }

    static Map<String, Object> of(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer in = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            return new GgufMetadata(in.order(ByteOrder.LITTLE_ENDIAN)).read();
        }
    }

    private Map<String, Object> read() {
        in.position(4 + 4 + 8); // magic, version, number of tensors
        Map<String, Object> out = new LinkedHashMap<>();
        for (long left = in.getLong(); left > 0; left--) {
            out.put(string(), value(in.getInt()));
        }
        return out;
    }

    private String string() {
        byte[] bytes = new byte[Math.toIntExact(in.getLong())];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private Object value(int type) {
        return switch (type) {
            case 0, 1 -> (int) in.get();
            case 2, 3 -> (int) in.getShort();
            case 4, 5 -> in.getInt();
            case 6 -> in.getFloat();
            case 7 -> in.get() != 0;
            case 8 -> string();
            case 9 -> array(in.getInt(), Math.toIntExact(in.getLong()));
            case 10, 11 -> in.getLong();
            default -> in.getDouble();
        };
    }

    private Object array(int type, int n) {
        List<Object> items = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            items.add(value(type));
        }
        return items;
    }
}
