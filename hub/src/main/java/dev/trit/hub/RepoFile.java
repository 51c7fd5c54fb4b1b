package dev.trit.hub;

/**
 * A file of a repository.
 *
 * @param path in the repository, with {@code /}
 * @param bytes its size, -1 if unknown
 */
record RepoFile(String path, long bytes) {
    boolean isGguf() {
        return path.endsWith(".gguf");
    }

    boolean isSafetensors() {
        return path.endsWith(".safetensors");
    }
}
