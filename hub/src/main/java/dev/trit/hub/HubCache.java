package dev.trit.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The hub's cache on disk: {@code models--OWNER--NAME/} with {@code blobs/ETAG} (the bytes), {@code refs/REVISION} (a
 * commit) and {@code snapshots/COMMIT/FILE} (links to blobs). The same folder and layout that the hub's own library uses,
 * so each finds what the other fetched.
 */
final class HubCache {
    private static final String PREFIX = "models--";

    private final Path root;

    HubCache(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /** The folder of a repository. */
    Path folder(String repo) {
        return root.resolve(PREFIX + repo.replace("/", "--"));
    }

    Path blob(String repo, String etag) {
        return folder(repo).resolve("blobs").resolve(etag);
    }

    Path snapshot(String repo, String commit) {
        return folder(repo).resolve("snapshots").resolve(commit);
    }

    /** Where the lock of a blob is, beside all repositories. */
    Path lock(String repo, String etag) {
        return root.resolve(".locks").resolve(folder(repo).getFileName()).resolve(etag + ".lock");
    }

    /** Every repository that has a folder. */
    List<String> repos() {
        return list(root).stream()
                .map(folder -> folder.getFileName().toString())
                .filter(name -> name.startsWith(PREFIX) && name.indexOf("--", PREFIX.length()) > 0)
                .map(name -> name.substring(PREFIX.length()).replaceFirst("--", "/"))
                .toList();
    }

    /** The snapshots of a repository, that of {@code main} first, then the newest. */
    List<Path> snapshots(String repo) {
        String main = commit(repo, "main").orElse("");
        Comparator<Path> newest = Comparator.comparing(HubCache::fetched);
        return list(folder(repo).resolve("snapshots")).stream()
                .sorted(Comparator.comparing(
                                (Path s) -> !s.getFileName().toString().equals(main))
                        .thenComparing(newest.reversed()))
                .toList();
    }

    /** The commit a revision stands for, if that is known here. */
    Optional<String> commit(String repo, String revision) {
        Path ref = folder(repo).resolve("refs").resolve(revision);
        try {
            return Files.isRegularFile(ref) ? Optional.of(Files.readString(ref).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new HubException(ref + " cannot be read: " + e.getMessage(), e);
        }
    }

    void setCommit(String repo, String revision, String commit) throws IOException {
        if (!revision.equals(commit)) {
            Path ref = folder(repo).resolve("refs").resolve(revision);
            Files.createDirectories(ref.getParent());
            Files.writeString(ref, commit);
        }
    }

    /** The files of a snapshot whose bytes are here, by path with {@code /}. */
    static List<RepoFile> files(Path snapshot) {
        try (Stream<Path> all = Files.walk(snapshot)) {
            return all.filter(Files::isRegularFile) // follows links: a dangling one is no file
                    .map(file ->
                            new RepoFile(snapshot.relativize(file).toString().replace('\\', '/'), size(file)))
                    .sorted(Comparator.comparing(RepoFile::path))
                    .toList();
        } catch (IOException e) {
            throw new HubException(snapshot + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Makes a blob visible in a snapshot: as a relative link, or the file itself where links are not allowed. */
    void link(String repo, String commit, String file, Path blob) throws IOException {
        Path link = snapshot(repo, commit).resolve(file);
        Path folder = Objects.requireNonNull(link.getParent());
        Files.createDirectories(folder);
        Path target = folder.relativize(blob);
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(target)) {
            return;
        }
        Files.deleteIfExists(link);
        try {
            Files.createSymbolicLink(link, target);
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.move(blob, link, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Bytes of blobs that are still on their way. */
    long incomplete(String repo) {
        return list(folder(repo).resolve("blobs")).stream()
                .filter(blob -> blob.toString().endsWith(".incomplete"))
                .mapToLong(HubCache::size)
                .sum();
    }

    /** Removes a repository; returns the bytes that this freed. */
    long remove(String repo) {
        long bytes = delete(folder(repo));
        delete(root.resolve(".locks").resolve(folder(repo).getFileName()));
        return bytes;
    }

    /** Removes files from every snapshot, then all blobs that no snapshot has any more; returns the bytes freed. */
    long remove(String repo, List<String> files) {
        try {
            long bytes = 0;
            for (Path snapshot : snapshots(repo)) {
                for (String file : files) {
                    Path link = snapshot.resolve(file);
                    bytes += Files.isRegularFile(link, LinkOption.NOFOLLOW_LINKS) ? Files.size(link) : 0;
                    Files.deleteIfExists(link);
                }
            }
            List<Path> used;
            try (Stream<Path> all = Files.walk(folder(repo).resolve("snapshots"))) {
                used = all.filter(Files::isSymbolicLink)
                        .filter(Files::exists)
                        .map(HubCache::real)
                        .toList();
            }
            for (Path blob : list(folder(repo).resolve("blobs"))) {
                if (!used.contains(real(blob))) {
                    bytes += Files.size(blob);
                    Files.delete(blob);
                }
            }
            return used.isEmpty()
                            && list(folder(repo).resolve("snapshots")).stream().allMatch(s -> files(s).isEmpty())
                    ? bytes + remove(repo)
                    : bytes;
        } catch (IOException e) {
            throw new HubException(repo + ": cannot be removed: " + e.getMessage(), e);
        }
    }

    private static long delete(Path folder) {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            long bytes = 0;
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) { // children before their folder
                bytes += Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? Files.size(path) : 0;
                Files.delete(path);
            }
            return bytes;
        } catch (IOException e) {
            throw new HubException(folder + " cannot be removed: " + e.getMessage(), e);
        }
    }

    private static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new HubException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** When a file or snapshot came here. */
    static Instant fetched(Path path) {
        try {
            return Files.getLastModifiedTime(path).toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
