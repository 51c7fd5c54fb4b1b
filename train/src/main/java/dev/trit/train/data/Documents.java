package dev.trit.train.data;

import com.github.luben.zstd.ZstdInputStream;
import dev.trit.train.TrainException;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the documents of a corpus file one after the other: text ({@code .txt}, {@code .md}), cut at a separator, or JSON
 * lines ({@code .jsonl}), one document in a field of each; plain or compressed with gzip, xz or Zstandard; or Parquet, one
 * document in a column of each row. Memory holds one document, of Parquet one row group of the column.
 */
public final class Documents {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String separator;
    private final String field;

    /**
     * @param separator stands between the documents of a text file; empty: a file is one document
     * @param field of a JSON line or column of a Parquet file that holds the text
     */
    public Documents(String separator, String field) {
        this.separator = separator;
        this.field = field;
    }

    /**
     * Hands over every document that is not blank, in the file's order.
     *
     * @throws TrainException if the file cannot be read, is of an unknown kind, or is not UTF-8; says where
     */
    public void read(Path file, Consumer<String> each) {
        read(file, each, bytes -> {});
    }

    /** As above; {@code progress} is told how many bytes of the file have been read, compressed as they are. */
    public void read(Path file, Consumer<String> each, LongConsumer progress) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".parquet")) {
            readParquet(file, each, progress);
            return;
        }
        String kind = name.replaceFirst("\\.(gz|xz|zst)$", "");
        boolean lines = kind.endsWith(".jsonl") || kind.endsWith(".ndjson");
        if (!lines && !kind.endsWith(".txt") && !kind.endsWith(".md")) {
            throw new TrainException(
                    file + ": unknown kind of corpus file: expected .txt, .md or .jsonl, plain or with .gz,"
                            + " .xz or .zst behind, or .parquet");
        }
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(
                        open(file, name, progress),
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .onUnmappableCharacter(CodingErrorAction.REPORT)),
                1 << 16)) {
            if (lines) {
                readLines(file, in, each);
            } else {
                readText(in, each);
            }
        } catch (CharacterCodingException e) {
            throw new TrainException(file + ": not UTF-8: " + e.getMessage() + "; convert it first", e);
        } catch (IOException e) {
            throw new TrainException("%s: cannot be read: %s".formatted(file, e), e);
        }
    }

    /** Counts what passes. */
    private static final class Counted extends FilterInputStream {
        private final LongConsumer progress;
        private long bytes;

        Counted(InputStream in, LongConsumer progress) {
            super(in);
            this.progress = progress;
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] out, int from, int length) throws IOException {
            int n = super.read(out, from, length);
            count(Math.max(0, n));
            return n;
        }

        private void count(int n) {
            bytes += n;
            progress.accept(bytes);
        }
    }

    private static InputStream open(Path file, String name, LongConsumer progress) throws IOException {
        InputStream raw = new BufferedInputStream(new Counted(Files.newInputStream(file), progress), 1 << 16);
        if (name.endsWith(".gz")) {
            return new GZIPInputStream(raw, 1 << 16);
        }
        if (name.endsWith(".xz")) {
            return new XZInputStream(raw);
        }
        return name.endsWith(".zst") ? new ZstdInputStream(raw) : raw;
    }

    private void readText(BufferedReader in, Consumer<String> each) throws IOException {
        StringBuilder text = new StringBuilder();
        char[] buffer = new char[1 << 16];
        int searched = 0; // no separator begins before here
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            text.append(buffer, 0, n);
            if (!separator.isEmpty()) {
                int from = 0;
                int cut;
                while ((cut = text.indexOf(separator, Math.max(from, searched))) >= 0) {
                    deliver(text.substring(from, cut), each);
                    from = cut + separator.length();
                }
                text.delete(0, from);
                searched = Math.max(0, text.length() - separator.length() + 1);
            }
        }
        deliver(text.toString(), each);
    }

    private void readLines(Path file, BufferedReader in, Consumer<String> each) throws IOException {
        long number = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                JsonNode text = JSON.readTree(line).path(field);
                if (!text.isString()) {
                    throw new TrainException(
                            "%s: line %d: expected an object with the text in \"%s\"; name another field"
                                    .formatted(file, number, field));
                }
                deliver(text.asString(), each);
            } catch (JacksonException e) {
                throw new TrainException(
                        "%s: line %d: not JSON: %s".formatted(file, number, e.getOriginalMessage()), e);
            }
        }
    }

    private void readParquet(Path file, Consumer<String> each, LongConsumer progress) {
        try {
            ParquetText.read(file, field, document -> deliver(document, each), progress);
        } catch (IOException e) {
            throw new TrainException("%s: cannot be read: %s".formatted(file, e), e);
        }
    }

    private static void deliver(String document, Consumer<String> each) {
        String stripped = document.strip();
        if (!stripped.isEmpty()) {
            each.accept(stripped);
        }
    }
}
