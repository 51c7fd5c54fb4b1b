package dev.trit.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.train.TrainException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that pyarrow wrote (make_parquet.py). */
class ParquetTextTest {
    private static final Documents DOCUMENTS = new Documents("<|endoftext|>", "text");

    @TempDir
    Path dir;

    private static Path file(String name) {
        try {
            return Path.of(ParquetTextTest.class.getResource(name + ".parquet").toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> read(Documents documents, Path file, List<Long> progress) {
        List<String> texts = new ArrayList<>();
        documents.read(file, texts::add, progress::add);
        return texts;
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "lz4"})
    void readsOneColumnOfEveryRowGroupWithoutTheRowsThatHaveNone(String codec) throws IOException {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            if (i % 7 != 3) {
                expected.add("row %d: the river ö川🙂 %s"
                        .formatted(i, "mill ".repeat(i % 5))
                        .strip());
            }
        }
        List<Long> progress = new ArrayList<>();
        assertThat(read(DOCUMENTS, file(codec), progress)).isEqualTo(expected);
        assertThat(progress).isSorted().last().isEqualTo(Files.size(file(codec)));
    }

    @Test
    void namesTheColumnsWhereTheOneAskedForIsMissingOrHoldsNoText() {
        for (String column : List.of("body", "id")) {
            assertThatThrownBy(() -> read(new Documents("", column), file("snappy"), new ArrayList<>()))
                    .isInstanceOf(TrainException.class)
                    .hasMessageContaining("snappy.parquet: no column \"" + column + "\" of text")
                    .hasMessageContaining("[id, text, kind]");
        }
    }

    @Test
    void refusesACodecByName() {
        assertThatThrownBy(() -> read(DOCUMENTS, file("brotli"), new ArrayList<>()))
                .isInstanceOf(TrainException.class)
                .hasMessageContaining("brotli.parquet")
                .hasMessageContaining("pages packed with BROTLI");
    }

    @Test
    void damagedFilesAreRefusedOrReadButNeverFailOtherwise() throws IOException {
        byte[] whole = Files.readAllBytes(file("gzip"));
        Path damaged = dir.resolve("damaged.parquet");
        Random random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            byte[] bytes = whole.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(damaged, i % 10 == 0 ? java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
            try {
                read(DOCUMENTS, damaged, new ArrayList<>());
            } catch (TrainException e) {
                assertThat(e).hasMessageContaining("damaged.parquet");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(100);
    }
}
