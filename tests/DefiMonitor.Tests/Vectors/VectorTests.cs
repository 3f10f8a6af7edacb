using Xunit.Abstractions;

namespace DefiMonitor.Tests.Vectors;

[Trait("kind", "vectors")]
public sealed class VectorTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Files()
    {
        var data = new TheoryData<string, string>();
        try
        {
            foreach (var (label, path) in VectorFiles.Find(Environment.GetEnvironmentVariable(VectorFiles.FolderVariable), VectorRunners.ByFileName.Keys.ToList()))
            {
                data.Add(label, path);
            }
        }
        catch (DirectoryNotFoundException error)
        {
            data.Add(error.Message, "");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_case_of_every_file_agrees_with_its_source(string label, string path)
    {
        path.ShouldNotBeEmpty(label);
        var outcome = VectorRunners.Run(path, VectorRunners.ByFileName[Path.GetFileName(path)]);
        var line = $"{label}: {outcome.Cases} cases, {outcome.Failed} failed";
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable(VectorFiles.ReportVariable) is { Length: > 0 } report)
        {
            File.AppendAllText(report, line + Environment.NewLine);
        }

        outcome.Cases.ShouldBePositive();
        outcome.Failed.ShouldBe(0, string.Join(Environment.NewLine, outcome.Failures.Take(20)));
    }

    [Fact]
    public void Each_runner_has_a_committed_file()
    {
        var found = VectorFiles.Find(null, VectorRunners.ByFileName.Keys.ToList()).Select(file => Path.GetFileName(file.Path)).ToHashSet();
        VectorRunners.ByFileName.Keys.Where(name => !found.Contains(name)).ShouldBe(VectorRunners.NotCommitted, ignoreOrder: true);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_named_in_a_sentence()
    {
        var error = Should.Throw<DirectoryNotFoundException>(() => VectorFiles.Find("/no/such/folder", ["x.json"]));
        error.Message.ShouldContain("DEFIMONITOR_VECTORS is '/no/such/folder'");
    }

    [Fact]
    public void Files_of_a_known_name_are_found_at_any_depth_and_others_are_left_alone()
    {
        var folder = Directory.CreateTempSubdirectory("vectors");
        try
        {
            var deep = folder.CreateSubdirectory("a").CreateSubdirectory("b");
            File.WriteAllText(Path.Combine(deep.FullName, "aave_v3_linear.evm.json"), """[{"rate":"31536000","dt":"2","expected":"1000000000000000000000000003"}]""");
            File.WriteAllText(Path.Combine(deep.FullName, "unknown.evm.json"), "not even JSON");

            var (label, path) = VectorFiles.Find(folder.FullName, ["aave_v3_linear.evm.json", "unknown.json"]).Single(file => file.Path.StartsWith(folder.FullName, StringComparison.Ordinal));

            label.ShouldBe("a/b/aave_v3_linear.evm.json");
            var outcome = VectorRunners.Run(path, AaveVectors.Linear);
            outcome.Failed.ShouldBe(1);
            outcome.Failures.Single().ShouldContain("ours 1000000000000000000000000002");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
