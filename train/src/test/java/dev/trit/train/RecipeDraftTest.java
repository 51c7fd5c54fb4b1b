package dev.trit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.trit.model.Activation;
import dev.trit.model.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeDraftTest {
    @TempDir
    Path folder;

    private static RecipeDraft draft(Object... fieldsAndValues) {
        RecipeDraft draft = new RecipeDraft();
        for (int i = 0; i < fieldsAndValues.length; i += 2) {
            draft.set((RecipeField) fieldsAndValues[i], "test", String.valueOf(fieldsAndValues[i + 1]));
        }
        return draft;
    }

    /** Training Tips: hidden, GLU size, heads, layers, learning rates, weight decay, warm-up, batch of a million tokens. */
    @ParameterizedTest
    @CsvSource({"700m,1536,4096,24,24,1.5e-3,1e-3", "1.3b,2048,5460,32,24,1.2e-3,8e-4", "3b,3200,8640,32,26,1.2e-3,8e-4"
    })
    void publishedSizesAreThePublishedOnes(
            String size, int hidden, int ffn, int heads, int layers, double peak, double peak2) {
        Recipe r = draft(RecipeField.SIZE, size, RecipeField.FAMILY, "bitnet").resolve(32_000);
        assertThat(r.model().hidden()).isEqualTo(hidden);
        assertThat(r.model().ffn()).isEqualTo(ffn);
        assertThat(r.model().heads()).isEqualTo(heads);
        assertThat(r.model().kvHeads()).isEqualTo(heads);
        assertThat(r.model().layers()).isEqualTo(layers);
        assertThat(r.peak()).isEqualTo(peak);
        assertThat(r.peak2()).isEqualTo(peak2);
        assertThat(r.weightDecay()).isEqualTo(0.1);
        assertThat(r.warmup()).isEqualTo(375);
        assertThat(r.beta2()).isEqualTo(0.95);
        assertThat(r.sequence()).isEqualTo(2048);
        assertThat(r.tokensPerStep()).isEqualTo(1 << 20);
        assertThat(r.schedule()).isEqualTo("two-stage");
    }

    /** BitNet, table of section 3: 40 000 updates of 256 K tokens, Adam (0.9, 0.98), 750 warm-up updates, no clipping. */
    @Test
    void binaryWeightsFollowTheirOwnPaper() {
        Recipe r = draft(RecipeField.SIZE, "350m", RecipeField.WEIGHTS, "b1").resolve(16_384);
        assertThat(r.peak()).isEqualTo(1.2e-3);
        assertThat(r.peak2()).isEqualTo(r.peak());
        assertThat(r.schedule()).isEqualTo("linear");
        assertThat(r.beta2()).isEqualTo(0.98);
        assertThat(r.weightDecay()).isEqualTo(0.01);
        assertThat(r.clip()).isZero();
        assertThat(r.warmup()).isEqualTo(750);
        assertThat(r.steps()).isEqualTo(40_000);
        assertThat(r.tokensPerStep()).isEqualTo(256 * 1024);
    }

    @ParameterizedTest
    @EnumSource(Size.class)
    void everySizeHasAboutTheParametersOfItsName(Size size) {
        String word = size.toString();
        double named = Double.parseDouble(word.substring(0, word.length() - 1)) * (word.endsWith("b") ? 1e9 : 1e6);
        for (String family : new String[] {"llama", "bitnet", "2b4t"}) {
            Config c = draft(RecipeField.SIZE, size, RecipeField.FAMILY, family)
                    .resolve(4096)
                    .model();
            double attention = (double) c.hidden() * (2 * c.qDim() + 2 * c.kvDim());
            double blocks = c.layers() * (attention + 3.0 * c.hidden() * c.ffn());
            assertThat(blocks / named).as("%s %s", size, family).isCloseTo(1, within(0.25));
            assertThat(c.heads() % c.kvHeads()).isZero();
            assertThat(c.qDim()).isEqualTo(c.hidden());
            assertThat(c.hidden() % 128).isZero(); // rows of I2_S
        }
    }

    @Test
    void smallerModelsGetHigherRatesAndTernaryHigherOnesThanFullPrecision() {
        double above = Double.POSITIVE_INFINITY;
        for (Size size : Size.values()) {
            double ternary = draft(RecipeField.SIZE, size).resolve(4096).peak();
            double full = draft(RecipeField.SIZE, size, RecipeField.WEIGHTS, "full")
                    .resolve(4096)
                    .peak();
            assertThat(ternary).isLessThanOrEqualTo(above).isGreaterThan(full);
            above = ternary;
        }
    }

    @ParameterizedTest
    @CsvSource({"llama,llama,SILU,false", "bitnet,bitnet,SILU,true", "2b4t,bitnet-b1.58,RELU2,true"})
    void theFamilyDecidesTheBlock(String family, String architecture, Activation activation, boolean subNorms) {
        Config c = draft(RecipeField.FAMILY, family).resolve(4096).model();
        assertThat(c.architecture()).isEqualTo(architecture);
        assertThat(c.activation()).isEqualTo(activation);
        assertThat(c.subNorms()).isEqualTo(subNorms);
    }

    @Test
    void whatIsNotGivenFollowsWhatIs() {
        Recipe r = draft(
                        RecipeField.HIDDEN, 384,
                        RecipeField.HEADS, 6,
                        RecipeField.SEQUENCE, 128,
                        RecipeField.BATCH, 12,
                        RecipeField.PEAK, "3e-3",
                        RecipeField.TOKENS, 1_000_000)
                .resolve(4096);
        assertThat(r.model().headDim()).isEqualTo(64);
        assertThat(r.model().kvHeads()).isEqualTo(3);
        assertThat(r.model().contextLength()).isEqualTo(128);
        assertThat(r.microBatch()).isEqualTo(6);
        assertThat(r.steps()).isEqualTo(652); // 1e6 / (12 * 128), rounded up
        assertThat(r.warmup()).isEqualTo(65);
        assertThat(r.peak2()).isCloseTo(3e-3 * 2.3 / 3.5, within(1e-12));
    }

    @Test
    void whatIsWrittenReadsBackEqual() throws IOException {
        Random random = new Random(5);
        for (Size size : Size.values()) {
            for (String weights : new String[] {"b1.58", "b1", "full"}) {
                Recipe recipe = draft(
                                RecipeField.SIZE,
                                size,
                                RecipeField.WEIGHTS,
                                weights,
                                RecipeField.PEAK,
                                random.nextDouble() * 1e-3,
                                RecipeField.NORM_EPS,
                                random.nextFloat() * 1e-5f,
                                RecipeField.SEED,
                                random.nextLong())
                        .resolve(8192);
                Path file = folder.resolve("recipe.yaml");
                Files.writeString(file, RecipeYaml.text(recipe));
                RecipeDraft back = new RecipeDraft();
                RecipeYaml.read(file, back);
                assertThat(back.resolve(17)).isEqualTo(recipe);
            }
        }
    }

    @Test
    void flagsWinOverTheFileAndTheFileOverTheSize() throws IOException {
        Path file = folder.resolve("mine.yaml");
        Files.writeString(file, "size: 1m\nsteps: 70\npeak: 5e-4\nmodel: {layers: 3, kvHeads: 1}\n");
        RecipeDraft draft = new RecipeDraft();
        RecipeYaml.read(file, draft);
        Recipe r = draft.set(RecipeField.LAYERS, "--layers", "2").resolve(512);
        assertThat(r.model().hidden()).isEqualTo(128);
        assertThat(r.model().layers()).isEqualTo(2);
        assertThat(r.model().kvHeads()).isEqualTo(1);
        assertThat(r.steps()).isEqualTo(70);
        assertThat(r.peak()).isEqualTo(5e-4);
        assertThat(draft.set(RecipeField.TOKENS, "--tokens", "8192")
                        .resolve(512)
                        .steps())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "modl: {layers: 3}|unknown field modl",
                "model: {kv_heads: 3}|unknown field model.kv_heads",
                "hidden: 3|unknown field hidden",
                "steps: many|steps: expected a whole number, got 'many'",
                "steps: 1.5|steps: expected a whole number, got '1.5'",
                "peak: .nan|peak: expected a number",
                "model: {tiedHead: yes please}|tiedHead: expected true or false",
                "steps: [1]|steps: expected one value",
                "model: 3|unknown field model",
                "steps: 1\nsteps: 2|not YAML",
                "- 1|expected names and values",
                "steps: {|not YAML",
            })
    void wrongFilesAreRefusedByName(String fileAndMessage) throws IOException {
        String[] parts = fileAndMessage.split("\\|");
        Path file = folder.resolve("wrong.yaml");
        Files.writeString(file, parts[0] + "\n");
        assertThatThrownBy(() -> RecipeYaml.read(file, new RecipeDraft()))
                .isInstanceOf(TrainException.class)
                .hasMessageContaining("wrong.yaml")
                .hasMessageContaining(parts[1]);
    }

    @ParameterizedTest
    @CsvSource({
        "SIZE,7m,unknown size", "FAMILY,gpt,unknown family", "MICRO_BATCH,5,microBatch", "KV_HEADS,3,key-value heads",
        "WARMUP,90000,warmup", "PEAK,2,peak", "HIDDEN,-3,hidden", "STEPS,3000000000,steps"
    })
    void valuesOutOfRangeAreRefusedByName(RecipeField field, String value, String message) {
        RecipeDraft draft = draft(field, value);
        assertThatThrownBy(() -> draft.resolve(4096)).hasMessageContaining(message);
    }

    @Test
    void everyFieldHasAFlagOfItsOwn() {
        assertThat(RecipeField.values()).extracting(RecipeField::flag).doesNotHaveDuplicates();
        assertThat(RecipeField.KV_HEADS.flag()).isEqualTo("--kv-heads");
    }
}
