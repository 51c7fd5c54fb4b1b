package dev.trit.serve;

import java.nio.file.Path;

/**
 * A model that may be served. Requests name it by {@code id}; no request names a path.
 *
 * @param id what requests call it
 * @param path a GGUF file, a safetensors file or the folder of a checkpoint
 */
public record ModelSource(String id, Path path) {}
