package dev.trit.train.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import dev.trit.text.BpeTrainer;
import dev.trit.text.PreTokenizer;
import dev.trit.text.Tokenizer;
import dev.trit.train.TrainException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class PreparationTest {
    private static final Documents DOCUMENTS = new Documents("<|endoftext|>", "text");
    private static final Tokenizer TOKENIZER = tokenizer();

    @TempDir
    Path dir;

    private static Tokenizer tokenizer() {
        BpeTrainer trainer = new BpeTrainer(PreTokenizer.named("gpt-2"));
        trainer.add("the river and the miller and the mill by the river");
        return Tokenizer.of(trainer.train(270, List.of("<|endoftext|>"), 1));
    }

    private static List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            texts.add("document %d: the river ö川🙂 %s"
                    .formatted(i, "mill ".repeat(i * 50))
                    .strip());
        }
        return texts;
    }

    private Path file(String name, List<String> texts) throws IOException {
        Path file = dir.resolve(name);
        String kind = name.replaceFirst("\\.(gz|xz|zst)$", "");
        String content = kind.endsWith(".jsonl")
                ? String.join(
                        "\n",
                        texts.stream()
                                .map(t -> "{\"text\": \"" + t + "\", \"n\": 1}")
                                .toList())
                : String.join("\n<|endoftext|>\n", texts);
        try (OutputStream raw = Files.newOutputStream(file);
                OutputStream out = name.endsWith(".gz")
                        ? new GZIPOutputStream(raw)
                        : name.endsWith(".xz")
                                ? new XZOutputStream(raw, new LZMA2Options(0))
                                : name.endsWith(".zst") ? new ZstdOutputStream(raw) : raw) {
            out.write(content.getBytes(UTF_8));
        }
        return file;
    }

    private DataManifest prepare(Path in, String out, long seed, int threads) {
        return new Preparation(TOKENIZER, DOCUMENTS, seed, threads)
                .run(List.of(in), List.of(), 0.25, dir.resolve(out), Map.of("tokenizer.json", new byte[] {1}), b -> {});
    }

    private List<String> documents(String out, boolean heldOut) {
        try (TokenShards shards = TokenShards.open(dir.resolve(out), heldOut)) {
            int[] ids = new int[Math.toIntExact(shards.tokens())];
            shards.read(0, ids, 0, ids.length);
            List<String> texts = new ArrayList<>();
            int from = 0;
            for (int i = 0; i < ids.length; i++) {
                if (ids[i] == TOKENIZER.eos()) {
                    texts.add(TOKENIZER.decode(java.util.Arrays.copyOfRange(ids, from, i)));
                    from = i + 1;
                }
            }
            assertThat(from).isEqualTo(ids.length); // the last document is ended too
            return texts;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c.txt", "c.md.gz", "c.txt.xz", "c.txt.zst", "c.jsonl", "c.jsonl.zst"})
    void everyDocumentIsThereOnce(String name) throws IOException {
        DataManifest manifest = prepare(file(name, texts()), "out", 3, 2);
        List<String> train = documents("out", false);
        List<String> valid = documents("out", true);
        assertThat(train).hasSize(30).isNotEqualTo(texts().subList(0, 30));
        assertThat(valid).hasSize(10);
        assertThat(Stream.concat(train.stream(), valid.stream())).containsExactlyInAnyOrderElementsOf(texts());
        assertThat(manifest.train().bytes())
                .isEqualTo(
                        train.stream().mapToLong(t -> t.getBytes(UTF_8).length).sum());
        assertThat(dir.resolve("out/spool")).doesNotExist();
    }

    @Test
    void theSeedDecidesTheOrderAndThreadsDoNot() throws IOException {
        Path in = file("c.txt", texts());
        DataManifest one = prepare(in, "one", 3, 1);
        assertThat(prepare(in, "two", 3, 3)).isEqualTo(one);
        assertThat(prepare(in, "other", 4, 1).train().shards())
                .isNotEqualTo(one.train().shards());
    }

    @Test
    void heldOutFilesStayInOrder() throws IOException {
        Path train = file("train.txt", texts().subList(0, 30));
        Path valid = file("valid.txt", texts().subList(30, 40));
        new Preparation(TOKENIZER, DOCUMENTS, 1, 2)
                .run(List.of(train), List.of(valid), 0.5, dir.resolve("out"), Map.of(), b -> {});
        assertThat(documents("out", true)).isEqualTo(texts().subList(30, 40));
        assertThat(documents("out", false)).hasSize(30);
    }

    @Test
    void badInputLeavesNothing() throws IOException {
        Path bad = dir.resolve("bad.txt");
        Files.write(bad, new byte[] {'a', (byte) 0xff, 'b'});
        assertThatThrownBy(() -> prepare(bad, "out", 1, 1))
                .isInstanceOf(TrainException.class)
                .hasMessageContaining("bad.txt")
                .hasMessageContaining("not UTF-8");
        Path line = Files.writeString(dir.resolve("bad.jsonl"), "{\"text\": \"a\"}\n{\"body\": \"b\"}\n");
        assertThatThrownBy(() -> prepare(line, "out", 1, 1)).hasMessageContaining("line 2");
        Path empty = Files.writeString(dir.resolve("empty.txt"), " \n<|endoftext|>\n ");
        assertThatThrownBy(() -> prepare(empty, "out", 1, 1)).hasMessageContaining("no document");
        assertThatThrownBy(() -> prepare(dir.resolve("a.pdf"), "out", 1, 1)).isInstanceOf(TrainException.class);
        try (Stream<Path> left = Files.list(dir)) {
            assertThat(left.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("bad.txt", "bad.jsonl", "empty.txt");
        }
    }

    @Test
    void aShortenedShardIsRefused() throws IOException {
        prepare(file("c.txt", texts()), "out", 3, 1);
        Path shard = dir.resolve("out/train-00000.bin");
        byte[] bytes = Files.readAllBytes(shard);
        Files.write(shard, java.util.Arrays.copyOf(bytes, bytes.length - 2));
        assertThatThrownBy(() -> TokenShards.open(dir.resolve("out"), false))
                .isInstanceOf(TrainException.class)
                .hasMessageContaining("expected " + bytes.length + " bytes");
    }
}
