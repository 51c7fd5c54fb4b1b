package dev.trit.springai;

import dev.trit.model.Embedder;
import dev.trit.model.Model;
import java.util.ArrayList;
import java.util.List;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;

/** An {@link EmbeddingModel} in this process: vectors of length 1. A text too long throws {@link dev.trit.model.ModelException}. */
public final class TritEmbeddingModel implements EmbeddingModel {
    private final Model model;
    private final Embedder embedder;

    /** The mean of all tokens' vectors. @param model stays the caller's */
    public TritEmbeddingModel(Model model) {
        this(model, Embedder.Pooling.MEAN);
    }

    public TritEmbeddingModel(Model model, Embedder.Pooling pooling) {
        this.model = model;
        this.embedder = new Embedder(model, pooling);
    }

    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        List<Embedding> embeddings = new ArrayList<>();
        int tokens = 0;
        for (String text : request.getInstructions()) {
            int[] ids = encode(text);
            tokens += ids.length;
            embeddings.add(new Embedding(embedder.embed(ids), embeddings.size()));
        }
        return new EmbeddingResponse(
                embeddings, new EmbeddingResponseMetadata(model.name(), new DefaultUsage(tokens, 0)));
    }

    @Override
    public float[] embed(Document document) {
        String content = getEmbeddingContent(document);
        return embedder.embed(encode(content == null ? "" : content)); // which says that it is empty
    }

    private int[] encode(String text) {
        return model.tokenizer().encode(text, true, false);
    }

    @Override
    public int dimensions() {
        return embedder.dimensions();
    }
}
