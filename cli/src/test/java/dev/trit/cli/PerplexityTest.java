package dev.trit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.trit.model.LoadOptions;
import dev.trit.model.Model;
import dev.trit.model.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PerplexityTest {
    private static final String MODEL = Fixtures.path("llama-dense-tiny");
    private static final int BOS = 256;
    private static final String TEXT = "One byte is one token here, so this is a text of a hundred and some tokens. "
            + "Two and a half chunks of it, to be exact: the half is left out.";

    @TempDir
    Path folder;

    @Test
    void isTheDefinitionOfLlamaCpp() throws IOException {
        int ctx = 48;
        Captured run = Captured.trit(
                "perplexity", "-m", MODEL, "-f", text(TEXT), "--ctx", "" + ctx, "--json", "--threads", "1");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        JsonNode figures = JsonMapper.shared().readTree(run.out());
        assertThat(figures.propertyNames()).containsExactly("perplexity", "stderr", "tokens", "ctx");
        int[] ids = encode(TEXT);
        int chunks = ids.length / ctx;
        assertThat(ids[0]).as("this model wants a begin token").isEqualTo(BOS);
        for (int chunk = 1; chunk < chunks; chunk++) {
            ids[chunk * ctx] = BOS; // takes the place of each chunk's first token
        }
        assertThat(figures.get("tokens").asInt()).isEqualTo(chunks * (ctx / 2 - 1));
        assertThat(figures.get("ctx").asInt()).isEqualTo(ctx);
        assertThat(figures.get("perplexity").asDouble()).isCloseTo(plainly(ids, ctx), within(1e-3));
        assertThat(figures.get("stderr").asDouble()).isPositive();
    }

    private static int[] encode(String text) {
        try (Model model = Model.load(Path.of(MODEL))) {
            return model.tokenizer().encode(text, true, false);
        }
    }

    /** One token at a time, the softmax in double. */
    private static double plainly(int[] ids, int ctx) {
        double sum = 0;
        int scored = 0;
        try (Model model = Model.load(Path.of(MODEL), LoadOptions.defaults().withKernels("scalar"))) {
            for (int chunk = 0; chunk < ids.length / ctx; chunk++) {
                try (Session session = model.session()) {
                    for (int i = 0; i < ctx - 1; i++) {
                        float[] logits = session.append(ids[chunk * ctx + i]);
                        if (i >= ctx / 2) {
                            double total = 0;
                            for (float logit : logits) {
                                total += Math.exp(logit);
                            }
                            sum += Math.log(total) - logits[ids[chunk * ctx + i + 1]];
                            scored++;
                        }
                    }
                }
            }
        }
        return Math.exp(sum / scored);
    }

    @Test
    void speaksToPeopleAndStopsAfterSomeChunks() throws IOException {
        Captured run = Captured.trit("perplexity", "-m", MODEL, "-f", text(TEXT), "--ctx", "32", "--chunks", "2");
        assertThat(run.status()).isZero();
        assertThat(run.out()).matches("perplexity \\d+\\.\\d{4} \\+/- \\d+\\.\\d{4} over 30 tokens, ctx 32\n");
    }

    @Test
    void aShortTextIsAnError() throws IOException {
        Captured run = Captured.trit("perplexity", "-m", MODEL, "-f", text("short"));
        assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
        assertThat(run.err()).contains("needs at least 1024");
    }

    private String text(String content) throws IOException {
        return Files.writeString(folder.resolve("text"), content).toString();
    }
}
