package dev.trit.train.cli;

import dev.trit.format.Checkpoint;
import dev.trit.format.StoredTensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A checkpoint that says more of itself: the fields of its model card under GGUF's keys. */
record CardedCheckpoint(Checkpoint inner, Map<String, Object> metadata) implements Checkpoint {
    static Checkpoint of(Checkpoint inner, Map<String, Object> card) {
        Map<String, Object> all = new LinkedHashMap<>(inner.metadata());
        all.putAll(card);
        return new CardedCheckpoint(inner, Collections.unmodifiableMap(all));
    }

    @Override
    public Path path() {
        return inner.path();
    }

    @Override
    public String container() {
        return inner.container();
    }

    @Override
    public List<StoredTensor> tensors() {
        return inner.tensors();
    }

    @Override
    public boolean has(String name) {
        return inner.has(name);
    }

    @Override
    public StoredTensor tensor(String name) {
        return inner.tensor(name);
    }

    @Override
    public List<String> warnings() {
        return inner.warnings();
    }

    @Override
    public String architecture() {
        return inner.architecture();
    }

    @Override
    public boolean ropeInterleaved() {
        return inner.ropeInterleaved();
    }

    @Override
    public boolean masterWeights() {
        return inner.masterWeights();
    }

    @Override
    public void close() {
        inner.close();
    }
}
