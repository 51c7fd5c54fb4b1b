package dev.trit.hub;

import dev.trit.hub.HubConnection.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Models by name: pulled from the hub, found, listed and removed on this machine. */
public final class Hub {
    private static final int CHUNK = 8 << 20;

    private final HubSettings settings;
    private final HubCache cache;
    private final HubConnection connection;
    private final int chunk;

    public Hub(HubSettings settings) {
        this(settings, Duration.ofSeconds(1), CHUNK);
    }

    /** For tests: shorter waits and smaller ranges. */
    Hub(HubSettings settings, Duration firstWait, int chunk) {
        this.settings = settings;
        this.cache = new HubCache(settings.cache());
        this.connection = new HubConnection(settings, firstWait);
        this.chunk = chunk;
    }

    /** A repository at one commit. */
    private record Listing(String commit, List<RepoFile> files) {}

    /**
     * What the hub says of one file.
     *
     * @param etag names the blob: its SHA-256, or git's hash of it
     */
    private record Entry(String etag, long size) {}

    /**
     * Fetches a model, or what is missing of it.
     *
     * @param revision branch, tag or commit; {@code main} for the newest
     * @return what to load: a GGUF file or the folder of a checkpoint
     * @throws HubException if that fails; what has arrived stays for the next time
     */
    public Path pull(ModelName name, String revision, PullListener listener) {
        if (settings.offline()) {
            return find(name)
                    .orElseThrow(() ->
                            new HubException(name + ": not on this machine, and HF_HUB_OFFLINE forbids to fetch it"));
        }
        Listing listing = connection.patiently(name.repo(), () -> listing(name.repo(), revision));
        FileChoice choice = FileChoice.of(name, listing.files(), name.repo());
        if (!choice.file().isEmpty() && !choice.file().equals(name.selector())) {
            listener.say("of " + name.repo() + " taking " + choice.file());
        }
        Path snapshot = cache.snapshot(name.repo(), listing.commit());
        long total = choice.all().stream().mapToLong(RepoFile::bytes).sum();
        long done = 0;
        try {
            for (RepoFile file : choice.all()) {
                long before = done;
                done += fetch(
                        name.repo(),
                        listing.commit(),
                        file,
                        listener,
                        at -> listener.at(file.path(), before + at, total));
            }
            cache.setCommit(name.repo(), revision, listing.commit());
        } catch (IOException e) {
            throw new HubException(name + ": the cache cannot be written: " + e, e);
        }
        return snapshot.resolve(choice.file());
    }

    /** What there is of a model on this machine: what to load. Never asks the hub. */
    public Optional<Path> find(ModelName name) {
        for (Path snapshot : cache.snapshots(name.repo())) {
            List<RepoFile> files = HubCache.files(snapshot);
            try {
                FileChoice choice = FileChoice.of(name, files, name.repo());
                if (!choice.file().isEmpty() || isWhole(snapshot)) {
                    return Optional.of(snapshot.resolve(choice.file()));
                }
            } catch (HubException e) {
                continue; // not in this snapshot
            }
        }
        return Optional.empty();
    }

    /** Every model on this machine, by name. */
    public List<CachedModel> list() {
        Map<String, CachedModel> models = new LinkedHashMap<>();
        for (String repo : cache.repos()) {
            for (Path snapshot : cache.snapshots(repo)) {
                List<RepoFile> files = HubCache.files(snapshot);
                files.stream()
                        .filter(RepoFile::isGguf)
                        .forEach(file -> put(models, repo, file.path(), snapshot, file.bytes()));
                if (files.stream().anyMatch(f -> f.isSafetensors() && !f.path().contains("/")) && isWhole(snapshot)) {
                    put(
                            models,
                            repo,
                            null,
                            snapshot,
                            files.stream()
                                    .filter(f -> !f.isGguf())
                                    .mapToLong(RepoFile::bytes)
                                    .sum());
                }
            }
            long incomplete = cache.incomplete(repo);
            if (incomplete > 0) {
                Path folder = cache.folder(repo);
                models.put(repo + " ", new CachedModel(repo, incomplete, "", HubCache.fetched(folder), folder, false));
            }
        }
        return List.copyOf(models.values());
    }

    private static void put(
            Map<String, CachedModel> models, String repo, @Nullable String file, Path snapshot, long bytes) {
        String name =
                KnownModel.holding(repo, file).map(KnownModel::name).orElse(file == null ? repo : repo + ":" + file);
        Path path = file == null ? snapshot : snapshot.resolve(file);
        String commit = snapshot.getFileName().toString();
        models.putIfAbsent(name, new CachedModel(name, bytes, commit, HubCache.fetched(path), path, true));
    }

    /**
     * Removes a model: a file and what belongs to it, or the whole repository where the name says no more.
     *
     * @return bytes freed
     * @throws HubException if there is nothing to remove
     */
    public long remove(ModelName name) {
        if (!Files.isDirectory(cache.folder(name.repo()))) {
            throw new HubException(name + ": not on this machine");
        }
        if (name.selector() == null) {
            return cache.remove(name.repo());
        }
        for (Path snapshot : cache.snapshots(name.repo())) {
            List<RepoFile> files = HubCache.files(snapshot);
            try {
                FileChoice choice = FileChoice.of(name, files, name.repo());
                return cache.remove(
                        name.repo(), choice.all().stream().map(RepoFile::path).toList());
            } catch (HubException e) {
                continue; // not in this snapshot
            }
        }
        throw new HubException(name + ": not on this machine");
    }

    /** Whether every part that an index of a checkpoint names is here. */
    private static boolean isWhole(Path snapshot) {
        Path index = snapshot.resolve("model.safetensors.index.json");
        if (!Files.exists(snapshot.resolve("config.json"))) {
            return false;
        }
        try {
            return !Files.exists(index)
                    || JsonMapper.shared()
                            .readTree(index.toFile())
                            .path("weight_map")
                            .valueStream()
                            .map(part -> part.asString(""))
                            .distinct()
                            .allMatch(part -> ModelName.isFile(part) && Files.exists(snapshot.resolve(part)));
        } catch (JacksonException e) {
            throw new HubException(index + " is damaged: remove the model and pull it again", e);
        }
    }

    private Listing listing(String repo, String revision) throws IOException {
        URI uri = address("/api/models/" + repo + "/revision/" + encode(revision) + "?blobs=true");
        try (Answer answer = connection.request("GET", uri, null, true)) {
            if (answer.status() != 200) {
                throw connection.refused(repo, answer);
            }
            JsonNode json;
            try (InputStream body = answer.body()) {
                json = JsonMapper.shared().readTree(body.readAllBytes());
            } catch (JacksonException e) {
                throw new HubException(repo + ": the hub's answer is not JSON: is HF_ENDPOINT a hub?", e);
            }
            String commit = json.path("sha").asString("");
            if (!commit.matches("[0-9a-f]{40}")) {
                throw new HubException(repo + ": the hub names no commit: is HF_ENDPOINT a hub?");
            }
            List<RepoFile> files = new ArrayList<>();
            for (JsonNode sibling : json.path("siblings")) {
                String path = sibling.path("rfilename").asString("");
                if (ModelName.isFile(path)) { // what could leave the snapshot is nothing we fetch
                    files.add(new RepoFile(path, sibling.path("size").asLong(0)));
                }
            }
            return new Listing(commit, files);
        }
    }

    /** Brings one file into the snapshot; returns its size. */
    private long fetch(String repo, String commit, RepoFile file, PullListener listener, LongConsumer at)
            throws IOException {
        String what = repo + ":" + file.path();
        URI uri = address("/" + repo + "/resolve/" + commit + "/" + encode(file.path()));
        Entry entry = connection.patiently(what, () -> entry(what, uri));
        Path blob = cache.blob(repo, entry.etag());
        Path link = cache.snapshot(repo, commit).resolve(file.path());
        if (Files.isRegularFile(link) && Files.size(link) == entry.size()) {
            at.accept(entry.size());
            return entry.size();
        }
        Files.createDirectories(blob.getParent());
        try (FileChannel channel = lockFile(repo, entry.etag());
                FileLock lock = lock(channel, what, listener)) {
            if (!Files.exists(blob) || Files.size(blob) != entry.size()) {
                Path incomplete = blob.resolveSibling(entry.etag() + ".incomplete");
                new Download(connection, what, uri, entry.etag(), entry.size(), incomplete, chunk, at).run();
                Files.move(incomplete, blob, StandardCopyOption.ATOMIC_MOVE);
            }
            at.accept(entry.size());
            cache.link(repo, commit, file.path(), blob);
        }
        return entry.size();
    }

    /** Asks for a file's hash and size without its bytes. A file of LFS answers with a redirect that carries both. */
    private Entry entry(String what, URI uri) throws IOException {
        try (Answer answer = connection.request("HEAD", uri, null, false)) {
            if (answer.status() >= 400) {
                throw connection.refused(what, answer);
            }
            String etag = answer.header("X-Linked-Etag");
            String size = answer.header("X-Linked-Size");
            etag = etag != null ? etag : String.valueOf(answer.header("ETag"));
            size = size != null ? size : String.valueOf(answer.header("Content-Length"));
            String bare = etag.replaceFirst("^W/", "").replace("\"", "");
            if (!bare.matches("[\\w-]{8,128}") || !size.matches("\\d{1,18}")) {
                throw new HubException(
                        what + ": the hub names no hash and size (ETag " + etag + ", size " + size + ")");
            }
            return new Entry(bare, Long.parseLong(size));
        }
    }

    private FileChannel lockFile(String repo, String etag) throws IOException {
        Path path = cache.lock(repo, etag);
        Files.createDirectories(path.getParent());
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Waits for another process that fetches the same blob. */
    private static FileLock lock(FileChannel channel, String what, PullListener listener) throws IOException {
        for (boolean said = false; ; said = true) {
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return lock;
                }
            } catch (OverlappingFileLockException e) {
                // another thread of this process: waited for like another process
            }
            if (!said) {
                listener.say(what + ": being fetched by somebody else, waiting");
            }
            try {
                Thread.sleep(Duration.ofMillis(250));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HubException(what + ": interrupted", e);
            }
        }
    }

    private URI address(String path) {
        return URI.create(settings.endpoint() + path);
    }

    private static String encode(String path) {
        return URLEncoder.encode(path, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }
}
