package dev.trit.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Tells what kind of model lies at a path: by what the bytes say, never by the name alone. */
final class Containers {
    private Containers() {}

    static Checkpoint open(Path path) {
        if (Files.isDirectory(path)) {
            return openDirectory(path);
        }
        byte[] start = start(path);
        if (isGguf(start)) {
            return GgufFile.open(path);
        }
        if (isSafetensors(start)) {
            return HfCheckpoint.open(path);
        }
        boolean zip = start.length > 1 && start[0] == 'P' && start[1] == 'K';
        boolean json = start.length > 0 && start[0] == '{';
        throw new FormatException(
                        zip ? "a pickled PyTorch file" : "not a model file",
                        "GGUF or safetensors",
                        "a file that begins with " + hex(start),
                        zip
                                ? "Pickles can run code and are not read; convert it to safetensors."
                                : json
                                        ? "Give the directory of a Hugging Face checkpoint instead of a file in it."
                                        : null)
                .at(path, null);
    }

    private static Checkpoint openDirectory(Path directory) {
        if (Files.isRegularFile(directory.resolve("config.json"))) {
            return HfCheckpoint.open(directory);
        }
        List<Path> gguf;
        try (Stream<Path> files = Files.list(directory)) {
            gguf = files.filter(f -> Files.isRegularFile(f) && f.toString().endsWith(".gguf"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw OpenFile.unreadable(directory, e);
        }
        if (gguf.size() == 1) {
            return GgufFile.open(gguf.getFirst());
        }
        throw new FormatException(
                        "not one model",
                        "config.json with safetensors, or a single .gguf file",
                        gguf.isEmpty() ? "neither" : gguf.size() + " .gguf files",
                        "Name the file to open.")
                .at(directory, null);
    }

    private static byte[] start(Path path) {
        try (OpenFile file = OpenFile.open(path)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(9, file.size()));
            while (bytes.hasRemaining() && file.channel().read(bytes) >= 0) {
                continue;
            }
            return bytes.array();
        } catch (IOException e) {
            throw OpenFile.unreadable(path, e);
        }
    }

    private static boolean isGguf(byte[] start) {
        return start.length >= 4
                && ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getInt() == GgufHeader.MAGIC;
    }

    /** A header length below 2^32 and the brace that its JSON begins with. */
    private static boolean isSafetensors(byte[] start) {
        return start.length == 9
                && start[8] == '{'
                && ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong() >>> 32 == 0;
    }

    private static String hex(byte[] bytes) {
        return bytes.length == 0 ? "nothing" : HexFormat.of().formatHex(bytes);
    }
}
