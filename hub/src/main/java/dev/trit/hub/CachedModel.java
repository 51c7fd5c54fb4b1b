package dev.trit.hub;

import java.nio.file.Path;
import java.time.Instant;

/**
 * A model that is on this machine.
 *
 * @param name what {@code -m} takes: the short name, or REPO:FILE, or REPO for a checkpoint
 * @param bytes of all its files
 * @param revision the commit it is from
 * @param fetched when
 * @param path what to load: a GGUF file or the folder of a checkpoint
 * @param complete false if it is still on its way: then it cannot be loaded, and {@code bytes} are those that arrived
 */
public record CachedModel(String name, long bytes, String revision, Instant fetched, Path path, boolean complete) {}
