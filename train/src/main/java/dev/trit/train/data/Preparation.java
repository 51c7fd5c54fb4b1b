package dev.trit.train.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.trit.text.Tokenizer;
import dev.trit.train.TrainException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns a corpus into a data set: documents to tokens on all cores, an end-of-text token behind each, documents in random
 * order, files of at most 2^28 tokens, and a manifest. Memory holds a few documents and twelve bytes for each one. The
 * directory appears whole or not at all.
 */
public final class Preparation {
    private static final long SHARD_TOKENS = 1L << 28;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Tokenizer tokenizer;
    private final Documents documents;
    private final long seed;
    private final int threads;
    private final int tokenBytes;

    /** @throws TrainException if the tokenizer has no end-of-text token */
    public Preparation(Tokenizer tokenizer, Documents documents, long seed, int threads) {
        if (tokenizer.eos() < 0) {
            throw new TrainException("the tokenizer has no end-of-text token, which must stand between documents");
        }
        this.tokenizer = tokenizer;
        this.documents = documents;
        this.seed = seed;
        this.threads = threads;
        this.tokenBytes = tokenizer.vocabularySize() <= 1 << 16 ? 2 : 4;
    }

    /**
     * @param train files to train on
     * @param valid files to hold out; none: {@code share} of the documents of {@code train}
     * @param share of the documents to hold out, 0 ... 1, where {@code valid} is empty
     * @param out a directory that does not exist yet
     * @param files more files for the directory, name to content; {@code tokenizer.json} among them
     * @param progress is told the bytes of the training files that are read
     */
    public DataManifest run(
            List<Path> train,
            List<Path> valid,
            double share,
            Path out,
            Map<String, byte[]> files,
            LongConsumer progress) {
        if (Files.exists(out)) {
            throw new TrainException(out + ": exists already: give another name or remove it first");
        }
        Path partial = out.toAbsolutePath().resolveSibling("." + out.getFileName() + ".partial");
        try {
            delete(partial);
            Files.createDirectories(partial);
            try {
                for (Map.Entry<String, byte[]> file : files.entrySet()) {
                    Files.write(partial.resolve(file.getKey()), file.getValue());
                }
                DataManifest manifest = write(train, valid, share, partial, files, progress);
                Files.write(
                        partial.resolve(TokenShards.MANIFEST),
                        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
                Files.move(partial, out.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
                return manifest;
            } finally {
                delete(partial);
            }
        } catch (IOException e) {
            throw new TrainException("%s: cannot be written: %s".formatted(out, e), e);
        }
    }

    private DataManifest write(
            List<Path> train,
            List<Path> valid,
            double share,
            Path partial,
            Map<String, byte[]> files,
            LongConsumer progress)
            throws IOException {
        List<DataManifest.Input> inputs = new ArrayList<>();
        for (List<Path> paths : List.of(train, valid)) {
            for (Path path : paths) {
                inputs.add(new DataManifest.Input(path.getFileName().toString(), Files.size(path), Sha256.of(path)));
            }
        }
        DataManifest.Split trainSplit;
        DataManifest.Split validSplit;
        try (TokenSpool spool = new TokenSpool(partial.resolve("spool"), tokenBytes)) {
            tokenize(train, spool, progress);
            int all = spool.documents();
            if (all == 0) {
                throw new TrainException(train + ": no document in them");
            }
            int[] order = shuffled(all);
            int held = valid.isEmpty() ? (int) Math.round(all * share) : 0;
            validSplit = split(spool, Arrays.copyOfRange(order, 0, held), partial, "valid");
            trainSplit = split(spool, Arrays.copyOfRange(order, held, all), partial, "train");
        }
        if (!valid.isEmpty()) {
            try (TokenSpool spool = new TokenSpool(partial.resolve("spool"), tokenBytes)) {
                tokenize(valid, spool, bytes -> {});
                int[] order = new int[spool.documents()];
                Arrays.setAll(order, i -> i); // held-out text stays in its order
                validSplit = split(spool, order, partial, "valid");
            }
        }
        return new DataManifest(
                1,
                tokenizer.vocabularySize(),
                tokenBytes,
                Sha256.of(files.getOrDefault("tokenizer.json", new byte[0])),
                seed,
                inputs,
                trainSplit,
                validSplit);
    }

    /** Documents to tokens, several at a time, written in their order. */
    private void tokenize(List<Path> paths, TokenSpool spool, LongConsumer progress) throws IOException {
        record Done(int[] ids, long bytes) {}
        ArrayDeque<Future<Done>> running = new ArrayDeque<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            java.util.function.Consumer<Boolean> drain = all -> {
                while (!running.isEmpty() && (all || running.size() > 4 * threads)) {
                    try {
                        Done done = running.poll().get();
                        spool.add(done.ids(), done.bytes());
                    } catch (ExecutionException | InterruptedException | IOException e) {
                        throw new TrainException("the corpus cannot be turned into tokens: " + e.getMessage(), e);
                    }
                }
            };
            long before = 0; // bytes of the files that are done
            for (Path path : paths) {
                long start = before;
                before += Files.size(path);
                documents.read(
                        path,
                        document -> {
                            running.add(pool.submit(() -> {
                                byte[] utf8 = document.getBytes(UTF_8);
                                int[] ids = tokenizer.encode(utf8, false, false);
                                int[] ended = Arrays.copyOf(ids, ids.length + 1);
                                ended[ids.length] = tokenizer.eos();
                                return new Done(ended, utf8.length);
                            }));
                            drain.accept(false);
                        },
                        bytes -> progress.accept(start + bytes));
            }
            drain.accept(true);
        }
    }

    private int[] shuffled(int n) {
        int[] order = new int[n];
        Arrays.setAll(order, i -> i);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        return order;
    }

    private DataManifest.Split split(TokenSpool spool, int[] order, Path directory, String name) throws IOException {
        List<DataManifest.Shard> shards = new ArrayList<>();
        long bytes = 0;
        long tokens = 0;
        int at = 0;
        while (at < order.length) {
            String file = "%s-%05d.bin".formatted(name, shards.size());
            MessageDigest digest = Sha256.digest();
            long inShard = 0;
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(directory.resolve(file)), 1 << 20)) {
                while (at < order.length && inShard < SHARD_TOKENS) {
                    byte[] document = spool.document(order[at]);
                    out.write(document);
                    digest.update(document);
                    inShard += document.length / tokenBytes;
                    bytes += spool.bytes(order[at]);
                    at++;
                }
            }
            tokens += inShard;
            shards.add(new DataManifest.Shard(file, inShard, Sha256.hex(digest)));
        }
        return new DataManifest.Split(order.length, bytes, tokens, shards);
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    /** Tokens of all documents in one file, and where each begins. */
    private static final class TokenSpool implements AutoCloseable {
        private final Path file;
        private final FileChannel channel;
        private final int tokenBytes;
        private long[] starts = new long[1025]; // [documents + 1], in bytes of the file
        private long[] text = new long[1024]; // bytes of text of each
        private int documents;

        TokenSpool(Path file, int tokenBytes) throws IOException {
            this.file = file;
            this.tokenBytes = tokenBytes;
            this.channel = FileChannel.open(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }

        void add(int[] ids, long textBytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(ids.length * tokenBytes).order(ByteOrder.LITTLE_ENDIAN);
            for (int id : ids) {
                if (tokenBytes == 2) {
                    buffer.putShort((short) id);
                } else {
                    buffer.putInt(id);
                }
            }
            buffer.flip();
            if (documents == text.length) {
                starts = Arrays.copyOf(starts, documents * 2 + 1);
                text = Arrays.copyOf(text, documents * 2);
            }
            text[documents] = textBytes;
            starts[documents + 1] = starts[documents] + buffer.remaining();
            documents++;
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }

        int documents() {
            return documents;
        }

        long bytes(int document) {
            return text[document];
        }

        byte[] document(int i) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(starts[i + 1] - starts[i]));
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, starts[i] + buffer.position()) < 0) {
                    throw new IOException(file + " has become shorter");
                }
            }
            return buffer.array();
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.delete(file);
        }
    }
}
