namespace DefiMonitor.Engine.Storage;

/// <summary>The database cannot do it: one sentence that says what is wrong, with which file, and what to do.</summary>
public class StoreException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A newer owner has claimed this loop: nothing was written, and this holder must stop.</summary>
public sealed class FencedException(Fence fence, long current)
    : StoreException($"Loop {fence.Loop}: epoch {fence.Epoch} is fenced off, epoch {current} owns it now; another process took the loop over, so this one must stop.");
