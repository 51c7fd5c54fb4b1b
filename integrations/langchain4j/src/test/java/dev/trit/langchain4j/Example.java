package dev.trit.langchain4j;

import dev.langchain4j.memory.chat.TokenWindowChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.trit.model.Sampling;
import dev.trit.model.chat.ChatEngine;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** LangChain4j on a model in this process: the path of a model file is the only argument. */
final class Example {
    private Example() {}

    interface Assistant {
        @SystemMessage("You answer in one short sentence.")
        String ask(String question);
    }

    public static void main(String... args) {
        try (ChatEngine engine = ChatEngine.load(Path.of(args[0]))) {
            Sampling sampling = Sampling.greedy().withMaxTokens(40);

            ChatModel chat = new TritChatModel(engine, sampling);
            System.out.println("chat: " + chat.chat("What is the capital of France?"));

            StreamingChatModel streaming = new TritStreamingChatModel(engine, sampling);
            CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
            System.out.print("streaming: ");
            streaming.chat("Name a colour.", new StreamingChatResponseHandler() {
                @Override
                public void onPartialResponse(String text) {
                    System.out.print(text);
                }

                @Override
                public void onCompleteResponse(ChatResponse response) {
                    whole.complete(response);
                }

                @Override
                public void onError(Throwable error) {
                    whole.completeExceptionally(error);
                }
            });
            System.out.println(" (" + whole.join().tokenUsage().outputTokenCount() + " tokens)");

            Assistant assistant = AiServices.builder(Assistant.class)
                    .chatModel(chat)
                    .chatMemory(TokenWindowChatMemory.withMaxTokens(200, new TritTokenCountEstimator(engine.model())))
                    .build();
            System.out.println("assistant: " + assistant.ask("Who wrote Hamlet?"));

            EmbeddingModel embeddings = new TritEmbeddingModel(engine.model());
            var question = embeddings.embed("How old is the king?").content();
            var near = embeddings.embed("The age of the king.").content();
            var far = embeddings.embed("int x = 3;").content();
            System.out.printf(
                    "similar: %.2f, not so: %.2f%n",
                    CosineSimilarity.between(question, near), CosineSimilarity.between(question, far));
        }
    }
}
