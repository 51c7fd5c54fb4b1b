package dev.trit.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is learned, against Hugging Face's trainer; make_bpe_reference.py made the file. */
class BpeTrainerTest {
    private static final List<String> SPECIAL = List.of("<|endoftext|>", "<|pad|>");

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = BpeTrainerTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "dbrx"})
    void learnsWhatHuggingFaceLearns(String pre) throws IOException {
        JsonNode expected = JsonMapper.shared().readTree(resource("bpe.json")).path(pre);
        BpeTrainer trainer = new BpeTrainer(PreTokenizer.named(pre));
        trainer.add(new String(resource("bpe.txt"), UTF_8));
        Vocabulary learned = trainer.train(600, SPECIAL, 2);
        assertThat(learned.merges())
                .isEqualTo(expected.path("merges")
                        .valueStream()
                        .map(JsonNode::asString)
                        .toList());
        assertThat(learned.tokens().texts())
                .isEqualTo(expected.path("tokens")
                        .valueStream()
                        .map(JsonNode::asString)
                        .toList());
    }

    @Test
    void theOrderOfDocumentsAndThreadsDoesNotMatter() throws IOException {
        List<String> lines = new String(resource("bpe.txt"), UTF_8).lines().toList();
        BpeTrainer forward = new BpeTrainer(PreTokenizer.named("gpt-2"));
        lines.forEach(forward::add);
        BpeTrainer parallel = new BpeTrainer(PreTokenizer.named("gpt-2"));
        IntStream.range(0, lines.size()).parallel().forEach(i -> parallel.add(lines.get(lines.size() - 1 - i)));
        assertThat(parallel.train(400, SPECIAL, 1).merges())
                .isEqualTo(forward.train(400, SPECIAL, 1).merges());
    }

    @Test
    void whatWasLearnedReadsBackAndRoundTrips() throws IOException {
        String text = new String(resource("bpe.txt"), UTF_8);
        BpeTrainer trainer = new BpeTrainer(PreTokenizer.named("dbrx"));
        trainer.add(text);
        Vocabulary learned = trainer.train(500, SPECIAL, 2);
        Vocabulary read = Vocabulary.fromTokenizerJson(learned.toTokenizerJson(), learned.toTokenizerConfigJson());
        Tokenizer tokenizer = Tokenizer.of(read);
        assertThat(read.merges()).isEqualTo(learned.merges());
        assertThat(tokenizer.eos()).isZero();
        int[] ids = tokenizer.encode(text, false, false);
        assertThat(ids).isEqualTo(Tokenizer.of(learned).encode(text, false, false));
        assertThat(tokenizer.decode(ids)).isEqualTo(text);
        assertThat(ids.length).isLessThan(text.getBytes(UTF_8).length / 2);
    }

    @Test
    void needsRoomForTheBytes() {
        assertThatThrownBy(() -> new BpeTrainer(PreTokenizer.named("gpt-2")).train(257, SPECIAL, 1))
                .isInstanceOf(TextException.class)
                .hasMessageContaining("expected 258 to");
        assertThatThrownBy(() -> new BpeTrainer(PreTokenizer.named("falcon")))
                .isInstanceOf(TextException.class)
                .hasMessageContaining("expected one pattern");
    }
}
