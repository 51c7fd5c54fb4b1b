package dev.trit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.trit.tensor.KernelsProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The model in the jar; what it says was written by scalar kernels when it was put there (recipes/default-model.sh). */
class DefaultModelTest {
    @TempDir
    Path folder;

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(DefaultModel.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector", "native"})
    void saysTheSameWithAllKernels(String kernels) throws IOException {
        assumeTrue(!kernels.equals("native") || KernelsProvider.nativeRefusal() == null, "no native kernels here");
        Captured greedy = Captured.trit("run", "Once upon a time", "-n", "40", "--temp", "0", "--kernels", kernels);
        assertThat(greedy.status()).as(greedy.err()).isZero();
        assertThat(greedy.out()).isEqualTo(new String(resource("default-model.greedy.txt"), UTF_8));
        Captured sampled = Captured.trit("run", "Once upon a time", "-n", "40", "--seed", "7", "--kernels", kernels);
        assertThat(sampled.out()).isEqualTo(new String(resource("default-model.seed7.txt"), UTF_8));
    }

    @Test
    void commandsUseItWhenNoneIsNamed() throws IOException {
        Path text = Files.writeString(
                folder.resolve("text"), "It was the best of times, it was the worst of times. ".repeat(100));
        Captured perplexity = Captured.trit("perplexity", "-f", text.toString(), "--ctx", "256", "--chunks", "1");
        assertThat(perplexity.status()).as(perplexity.err()).isZero();
        Captured bench = Captured.trit("bench", "-p", "8", "-n", "4", "-r", "1", "--warm-up", "0");
        assertThat(bench.status()).as(bench.err()).isZero();
        assertThat(bench.out()).contains("pp8").contains("tg4");
    }

    @Test
    void isLaidWholeAndAgainWhenItIsNot() throws IOException, NoSuchAlgorithmException {
        Properties facts = new Properties();
        facts.load(DefaultModel.class.getResourceAsStream("default-model.properties"));
        Path file = Objects.requireNonNull(DefaultModel.file(folder));
        byte[] laid = Files.readAllBytes(file);
        assertThat(laid).hasSize(Integer.parseInt(facts.getProperty("bytes"))).hasSizeLessThan(12_000_000);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(laid)))
                .isEqualTo(facts.getProperty("sha256"));
        Files.write(file, new byte[100]);
        assertThat(DefaultModel.file(folder)).isEqualTo(file);
        assertThat(Files.readAllBytes(file)).isEqualTo(laid);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        Path notAFolder = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> DefaultModel.file(notAFolder.resolve("cache")))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("file/cache")
                .hasMessageContaining("TRIT_CACHE");
    }
}
