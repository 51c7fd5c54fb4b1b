package dev.trit.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.trit.model.Embedder;
import dev.trit.model.Model;
import dev.trit.model.ModelException;
import java.util.ArrayList;
import java.util.List;

/** An {@link EmbeddingModel} in this process: vectors of length 1. */
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

    /** @throws InvalidRequestException if a text is empty or does not fit the context */
    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
        List<Embedding> embeddings = new ArrayList<>();
        int tokens = 0;
        for (TextSegment segment : segments) {
            int[] ids = model.tokenizer().encode(segment.text(), true, false);
            tokens += ids.length;
            try {
                embeddings.add(Embedding.from(embedder.embed(ids)));
            } catch (ModelException e) {
                throw new InvalidRequestException(e);
            }
        }
        return Response.from(embeddings, new TokenUsage(tokens));
    }

    @Override
    public int dimension() {
        return embedder.dimensions();
    }

    @Override
    public String modelName() {
        return model.name();
    }
}
