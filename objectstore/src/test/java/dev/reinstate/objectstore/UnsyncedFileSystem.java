package dev.reinstate.objectstore;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A folder of the real file system, in which everything that changes it is also told to an {@link UnsyncedDisk}. */
final class UnsyncedFileSystem extends FileSystem {
    private final Path base;
    private final UnsyncedDisk disk;
    private final FileSystemProvider provider;

    UnsyncedFileSystem(Path base, UnsyncedDisk disk) {
        this.base = base;
        this.disk = disk;
        this.provider = new Provider();
    }

    /** The folder itself, as seen through this file system. */
    Path root() {
        return seen(base);
    }

    private Path seen(Path real) {
        return (Path) Proxy.newProxyInstance(
                UnsyncedFileSystem.class.getClassLoader(), new Class<?>[] {Path.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getFileSystem")) {
                        return this;
                    }
                    List<@Nullable Object> given = new ArrayList<>();
                    for (Object argument : arguments == null ? new Object[0] : arguments) {
                        given.add(argument instanceof Path path ? real(path) : argument);
                    }
                    try {
                        Object result = method.invoke(real, given.toArray());
                        return result instanceof Path path ? seen(path) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Path real(Path seen) {
        return Path.of(seen.toString());
    }

    /** As the disk knows it. */
    private Path known(Path seen) {
        return base.relativize(real(seen).toAbsolutePath());
    }

    private boolean isKnown(Path seen) {
        return real(seen).toAbsolutePath().startsWith(base);
    }

    private final class Provider extends FileSystemProvider {
        private final FileSystemProvider inner = base.getFileSystem().provider();

        @Override
        public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException {
            boolean isThere = Files.exists(real(path), LinkOption.NOFOLLOW_LINKS);
            FileChannel channel = inner.newFileChannel(real(path), options, attributes);
            if (!isKnown(path)) {
                return channel;
            }
            if (!isThere) {
                return new UnsyncedChannel(channel, disk, disk.makeFile(known(path)));
            }
            if (options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
                throw new UnsupportedOperationException("the model knows no truncation");
            }
            return new UnsyncedChannel(channel, disk, disk.require(known(path)));
        }

        @Override
        public SeekableByteChannel newByteChannel(
                Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            return newFileChannel(path, options, attributes);
        }

        @Override
        public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter)
                throws IOException {
            List<Path> found = new ArrayList<>();
            try (DirectoryStream<Path> children = Files.newDirectoryStream(real(folder))) {
                children.forEach(child -> found.add(seen(child)));
            }
            return new DirectoryStream<>() {
                @Override
                public java.util.Iterator<Path> iterator() {
                    return found.iterator();
                }

                @Override
                public void close() {
                    // nothing is open
                }
            };
        }

        @Override
        public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
            inner.createDirectory(real(folder), attributes);
            disk.makeFolder(known(folder));
        }

        @Override
        public void createLink(Path link, Path existing) throws IOException {
            inner.createLink(real(link), real(existing));
            disk.link(known(link), known(existing));
        }

        @Override
        public void delete(Path path) throws IOException {
            inner.delete(real(path));
            disk.remove(known(path));
        }

        @Override
        public void move(Path source, Path target, CopyOption... options) throws IOException {
            inner.move(real(source), real(target), options);
            disk.move(known(source), known(target));
        }

        @Override
        public void copy(Path source, Path target, CopyOption... options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isSameFile(Path one, Path other) throws IOException {
            return inner.isSameFile(real(one), real(other));
        }

        @Override
        public boolean isHidden(Path path) throws IOException {
            return inner.isHidden(real(path));
        }

        @Override
        public FileStore getFileStore(Path path) throws IOException {
            return inner.getFileStore(real(path));
        }

        @Override
        public void checkAccess(Path path, AccessMode... modes) throws IOException {
            inner.checkAccess(real(path), modes);
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // given
        public <V extends @Nullable FileAttributeView> @Nullable V getFileAttributeView(
                Path path, Class<V> type, LinkOption... options) {
            return inner.getFileAttributeView(real(path), type, options);
        }

        @Override
        public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
                throws IOException {
            return inner.readAttributes(real(path), type, options);
        }

        @Override
        public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
                throws IOException {
            return inner.readAttributes(real(path), attributes, options);
        }

        @Override
        public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
            inner.setAttribute(real(path), attribute, value, options);
        }

        @Override
        public String getScheme() {
            return "unsynced";
        }

        @Override
        public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileSystem getFileSystem(URI uri) {
            return UnsyncedFileSystem.this;
        }

        @Override
        public Path getPath(URI uri) {
            throw new UnsupportedOperationException();
        }
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return base.getFileSystem().getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(root());
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return base.getFileSystem().getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return base.getFileSystem().supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
        return seen(base.getFileSystem().getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
        throw new UnsupportedOperationException();
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException();
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException();
    }
}
