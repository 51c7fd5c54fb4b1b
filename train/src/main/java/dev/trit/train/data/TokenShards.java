package dev.trit.train.data;

import dev.trit.train.TokenSource;
import dev.trit.train.TrainException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** A split of a prepared data set, memory-mapped: {@code manifest.json} and files of unsigned integers beside it. */
public final class TokenShards implements TokenSource, AutoCloseable {
    public static final String MANIFEST = "manifest.json";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final DataManifest manifest;
    private final DataManifest.Split split;
    private final List<MemorySegment> shards = new ArrayList<>();
    private final long[] starts; // [shards + 1], first token of each
    private final Arena arena = Arena.ofShared();

    private TokenShards(Path directory, DataManifest manifest, DataManifest.Split split) throws IOException {
        this.manifest = manifest;
        this.split = split;
        this.starts = new long[split.shards().size() + 1];
        for (int i = 0; i < split.shards().size(); i++) {
            DataManifest.Shard shard = split.shards().get(i);
            Path file = directory.resolve(shard.name());
            try (FileChannel channel = FileChannel.open(file)) {
                long expected = shard.tokens() * manifest.tokenBytes();
                if (channel.size() != expected) {
                    throw new TrainException("%s: expected %d bytes as %s says, got %d: prepare the data again"
                            .formatted(file, expected, MANIFEST, channel.size()));
                }
                shards.add(channel.map(FileChannel.MapMode.READ_ONLY, 0, expected, arena));
            }
            starts[i + 1] = starts[i] + shard.tokens();
        }
    }

    /** What a data set consists of. */
    public static DataManifest manifest(Path directory) {
        Path file = directory.resolve(MANIFEST);
        try {
            DataManifest manifest = JSON.readValue(Files.readAllBytes(file), DataManifest.class);
            if (manifest.version() != 1 || manifest.tokenBytes() != 2 && manifest.tokenBytes() != 4) {
                throw new TrainException("%s: expected version 1 with 2 or 4 bytes a token, got version %d with %d"
                        .formatted(file, manifest.version(), manifest.tokenBytes()));
            }
            return manifest;
        } catch (IOException | JacksonException e) {
            throw new TrainException(
                    "%s: not a prepared data set (%s): make one with trit data prepare".formatted(directory, e), e);
        }
    }

    /**
     * Maps the tokens to train on, or those held out.
     *
     * @throws TrainException if a file is missing or of another length than the manifest says
     */
    public static TokenShards open(Path directory, boolean heldOut) {
        DataManifest manifest = manifest(directory);
        try {
            return new TokenShards(directory, manifest, heldOut ? manifest.valid() : manifest.train());
        } catch (IOException e) {
            throw new TrainException("%s: cannot be read: %s".formatted(directory, e), e);
        }
    }

    public DataManifest manifest() {
        return manifest;
    }

    /** Bytes of text that a token stands for on average. */
    public double bytesPerToken() {
        return split.bytesPerToken();
    }

    /** Names the data set by its tokens: equal for equal contents, wherever they lie. */
    public String id() {
        StringBuilder all = new StringBuilder(manifest.tokenizer());
        split.shards().forEach(s -> all.append(s.sha256()));
        return Sha256.of(all.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .substring(0, 16);
    }

    @Override
    public int vocab() {
        return manifest.vocab();
    }

    @Override
    public long tokens() {
        return split.tokens();
    }

    @Override
    public void read(long from, int[] out, int at, int count) {
        int shard = 0;
        while (from >= starts[shard + 1]) {
            shard++;
        }
        for (int i = 0; i < count; i++, from++) {
            if (from == starts[shard + 1]) {
                shard++;
            }
            long index = from - starts[shard];
            out[at + i] = manifest.tokenBytes() == 2
                    ? Short.toUnsignedInt(shards.get(shard).get(U16, index * 2))
                    : shards.get(shard).get(U32, index * 4);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
