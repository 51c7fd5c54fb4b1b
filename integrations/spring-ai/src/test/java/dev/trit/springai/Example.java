package dev.trit.springai;

import dev.trit.model.Sampling;
import dev.trit.model.chat.ChatEngine;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.embedding.EmbeddingModel;

/** Spring AI on a model in this process, without a container: the path of a model file is the only argument. */
final class Example {
    private Example() {}

    public static void main(String... args) {
        try (ChatEngine engine = ChatEngine.load(Path.of(args[0]))) {
            TritChatModel model = new TritChatModel(engine, Sampling.greedy().withMaxTokens(40));
            ChatClient client = ChatClient.create(model);

            System.out.println("chat: "
                    + client.prompt("What is the capital of France?").call().content());

            List<String> pieces = Objects.requireNonNull(
                    client.prompt().system("You answer in one short sentence.").user("Who wrote Hamlet?").stream()
                            .content()
                            .collectList()
                            .block());
            System.out.println("stream: " + String.join("", pieces) + " (" + pieces.size() + " pieces)");

            EmbeddingModel embeddings = new TritEmbeddingModel(engine.model());
            float[] vector = embeddings.embed("How old is the king?");
            System.out.println("embedding: " + vector.length + " dimensions");
        }
    }
}
