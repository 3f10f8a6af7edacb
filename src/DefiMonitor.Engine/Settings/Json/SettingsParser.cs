using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace DefiMonitor.Engine.Settings.Json;

/// <summary>JSON with comments and trailing commas, in UTF-8 with or without a byte order mark. Everything else is one sentence that names the line.</summary>
public static class SettingsParser
{
    /// <summary>A configuration file larger than this is a mistake.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private const int MaxDepth = 32;

    /// <summary>The tree, or null with one problem added.</summary>
    public static SettingsNode? Parse(string file, ReadOnlySpan<byte> bytes, ICollection<SettingsProblem> problems)
    {
        if (bytes.Length > MaxBytes)
        {
            problems.Add(new SettingsProblem(file, 0, "", $"the file has {bytes.Length} bytes; a configuration file may have {MaxBytes}."));
            return null;
        }

        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            problems.Add(new SettingsProblem(file, 1, "", "the file is UTF-16; save it as UTF-8."));
            return null;
        }

        if (bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[3..];
        }

        if (!Utf8.IsValid(bytes))
        {
            problems.Add(new SettingsProblem(file, 0, "", "the file is not UTF-8 text; save it as UTF-8."));
            return null;
        }

        if (IsBlank(bytes))
        {
            problems.Add(new SettingsProblem(file, 1, "", "the file is empty; write at least { }, or delete it to use what the program ships with."));
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth });
            var lines = new LineCounter(bytes);
            reader.Read();
            var root = Read(ref reader, ref lines);
            reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            problems.Add(Explain(file, bytes, e));
            return null;
        }
    }

    private static SettingsNode Read(ref Utf8JsonReader reader, ref LineCounter lines)
    {
        var line = lines.At((int)reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new SettingsNode { Kind = SettingsKind.Object, Line = line };
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    map.Members.Add(new(name, Read(ref reader, ref lines)));
                }

                return map;
            case JsonTokenType.StartArray:
                var list = new SettingsNode { Kind = SettingsKind.List, Line = line };
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Items.Add(Read(ref reader, ref lines));
                }

                return list;
            case JsonTokenType.String:
                return new SettingsNode { Kind = SettingsKind.Text, Line = line, Text = reader.GetString()! };
            case JsonTokenType.Number:
                return new SettingsNode { Kind = SettingsKind.Number, Line = line, Text = Encoding.UTF8.GetString(reader.ValueSpan) };
            case JsonTokenType.True:
            case JsonTokenType.False:
                return new SettingsNode { Kind = SettingsKind.Boolean, Line = line, Text = reader.TokenType == JsonTokenType.True ? "true" : "false" };
            default:
                return new SettingsNode { Kind = SettingsKind.Null, Line = line };
        }
    }

    private static SettingsProblem Explain(string file, ReadOnlySpan<byte> bytes, JsonException e)
    {
        var line = (int)(e.LineNumber ?? 0);
        var offset = OffsetOf(bytes, line) + (int)(e.BytePositionInLine ?? 0);
        if (IsBlank(bytes[Math.Min(offset, bytes.Length)..]) || e.Message.Contains("end of data", StringComparison.OrdinalIgnoreCase))
        {
            return new SettingsProblem(file, line + 1, "", "the file ends before what it began is closed, as a file cut in half does; restore the rest of it, or close every { [ and \".");
        }

        var text = e.Message;
        var cut = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        text = cut > 0 ? text[..cut] : text;
        return new SettingsProblem(file, line + 1, "", $"this is no JSON: {text.TrimEnd('.')}, at character {e.BytePositionInLine + 1} of the line.");
    }

    private static int OffsetOf(ReadOnlySpan<byte> bytes, int line)
    {
        var offset = 0;
        for (; line > 0; line--)
        {
            var next = bytes[offset..].IndexOf((byte)'\n');
            if (next < 0)
            {
                return bytes.Length;
            }

            offset += next + 1;
        }

        return offset;
    }

    private static bool IsBlank(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept(" \t\r\n"u8) < 0;

    /// <summary>Counts line ends as the reader moves forward.</summary>
    private ref struct LineCounter(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;
        private int offset;
        private int line = 1;

        public int At(int index)
        {
            line += bytes[offset..index].Count((byte)'\n');
            offset = index;
            return line;
        }
    }
}
