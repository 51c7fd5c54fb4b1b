package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trit.model.Model;
import dev.trit.model.Session;
import dev.trit.text.Tokenizer;
import dev.trit.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SynthTest {
    @TempDir
    Path folder;

    @Test
    void theSameWeightsWhateverTheType() {
        float[] first = logits(synth("i2_s"));
        assertThat(first).hasSize(512).doesNotContain(Float.NaN);
        assertThat(logits(synth("tq1_0"))).isEqualTo(first);
        assertThat(logits(synth("tq2_0"))).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"f32", "bf16", "q8_0", "q6_k"})
    void otherEmbeddingsAreTheSameNumbersRounded(String type) {
        float[] rounded = logits(synth("i2_s", "--embedding-type", type));
        float[] plain = logits(synth("i2_s"));
        double difference = 0;
        double size = 0;
        for (int i = 0; i < plain.length; i++) {
            difference += (rounded[i] - plain[i]) * (rounded[i] - plain[i]);
            size += plain[i] * plain[i];
        }
        assertThat(difference).isPositive().isLessThan(0.05 * size);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitnet", "bitnet-b1.58", "llama"})
    void everyArchitectureRuns(String architecture) {
        Path file = synth("i2_s", "--architecture", architecture);
        assertThat(logits(file)).hasSize(512).doesNotContain(Float.NaN);
        try (Model model = Model.load(file)) {
            assertThat(model.config().architecture()).isEqualTo(architecture);
        }
    }

    @Test
    void equalArgumentsGiveEqualFilesAndAnotherSeedAnother() throws IOException {
        byte[] file = Files.readAllBytes(synth("tq2_0"));
        assertThat(Files.readAllBytes(synth("tq2_0", "--seed", "1"))).isEqualTo(file);
        assertThat(Files.readAllBytes(synth("tq2_0", "--seed", "2"))).isNotEqualTo(file);
    }

    @Test
    void theTokenizerTakesAnyText() {
        Tokenizer tokenizer = tokenizer(synth("i2_s"));
        String text = "A mass of words, 12345, \t\n naïve, 世界, \uD83D\uDE80\u0000";
        int[] ids = tokenizer.encode(text, true, false);
        assertThat(ids[0]).isEqualTo(tokenizer.bos());
        assertThat(tokenizer.decode(ids)).isEqualTo(text);
        assertThat(tokenizer.vocabularySize()).isEqualTo(512);
        assertThat(tokenizer.isEndOfGeneration(tokenizer.eos())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {32_002, 128_256})
    void largeVocabulariesReachTripletsOfBytes(int size) {
        var metadata = SyntheticVocabulary.metadata(size);
        Tokenizer tokenizer = Tokenizer.of(Vocabulary.fromGguf(metadata));
        assertThat(tokenizer.vocabularySize()).isEqualTo(size);
        String text = "The quick brown fox jumps over the lazy dog.";
        assertThat(tokenizer.decode(tokenizer.encode(text, false, false))).isEqualTo(text);
        assertThat(tokenizer.encode(text, false, false)).hasSizeLessThan(text.length());
    }

    @ParameterizedTest
    @CsvSource({
        "--shape, 2b5t, expected one of 2b4t",
        "--type, f16, 'expected i2_s, tq1_0 or tq2_0'",
        "--architecture, qwen3, expected one of",
        "--type, huh, no type named",
        "--embedding-type, q4_0, 'expected f32, f16, bf16, q8_0 or q6_k'"
    })
    void refusesWhatItDoesNotKnow(String option, String value, String message) {
        Path out = folder.resolve("none");
        Captured run = Captured.trit("synth", out.toString(), option, value);
        assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(run.err()).startsWith("trit: " + option).contains(message).hasLineCount(1);
        assertThat(out).doesNotExist();
    }

    @Test
    void tritsAreThirds() {
        byte[] trits = new byte[300_000];
        RandomTrits.fill(7, 5, trits, 0, trits.length);
        int[] counts = new int[3];
        for (byte trit : trits) {
            counts[trit + 1]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(99_000, 101_000);
        }
        byte[] part = new byte[1000];
        RandomTrits.fill(7, 5 + 12_345, part, 0, part.length);
        assertThat(part).isEqualTo(Arrays.copyOfRange(trits, 12_345, 13_345));
    }

    private Path synth(String type, String... more) {
        Path out = folder.resolve("tiny-" + type + ".gguf");
        var args = new ArrayList<>(List.of("synth", out.toString(), "--shape", "tiny", "--type", type));
        args.addAll(List.of(more));
        Captured run = Captured.trit(args.toArray(String[]::new));
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        return out;
    }

    private static Tokenizer tokenizer(Path file) {
        try (Model model = Model.load(file)) {
            return model.tokenizer();
        }
    }

    private static float[] logits(Path file) {
        try (Model model = Model.load(file);
                Session session = model.session()) {
            return session.append(1, 2, 300, 4, 5).clone();
        }
    }
}
