using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace LstmConvert.Tests.Architecture;

/// <summary>What each type of a compiled assembly refers to: base types, interfaces, attributes, fields, signatures, locals and every token
/// in the bodies of its methods.</summary>
internal sealed class CompiledTypes
{
    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);
    private readonly MetadataReader reader;
    private readonly PEReader file;
    private readonly Dictionary<string, HashSet<string>> references = new(StringComparer.Ordinal);
    private HashSet<EntityHandle> found = [];

    private CompiledTypes(PEReader file)
    {
        this.file = file;
        reader = file.GetMetadataReader();
        Assemblies = [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
        Names = reader
            .TypeDefinitions.Select(reader.GetTypeDefinition)
            .Where(type => type.GetDeclaringType().IsNil)
            .ToLookup(type => reader.GetString(type.Namespace), type => reader.GetString(type.Name), StringComparer.Ordinal);
        foreach (var handle in reader.TypeDefinitions)
        {
            Read(reader.GetTypeDefinition(handle), Place(handle));
        }
    }

    /// <summary>Each namespace of the assembly and the namespaces of the same assembly that its types refer to.</summary>
    public IReadOnlyDictionary<string, HashSet<string>> References => references;

    /// <summary>The other assemblies that the assembly refers to.</summary>
    public IReadOnlyList<string> Assemblies { get; }

    /// <summary>The types of the assembly that stand in no other type, by namespace.</summary>
    public ILookup<string, string> Names { get; }

    public static CompiledTypes Read(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        return new CompiledTypes(file);
    }

    private void Read(TypeDefinition type, string place)
    {
        found = [type.BaseType];
        found.UnionWith(type.GetInterfaceImplementations().Select(handle => reader.GetInterfaceImplementation(handle).Interface));
        found.UnionWith(
            type.GetGenericParameters()
                .SelectMany(parameter => reader.GetGenericParameter(parameter).GetConstraints())
                .Select(handle => reader.GetGenericParameterConstraint(handle).Type));
        Attributes(type.GetCustomAttributes());
        var signatures = new Signatures(found);
        foreach (var field in type.GetFields().Select(reader.GetFieldDefinition))
        {
            field.DecodeSignature(signatures, null);
            Attributes(field.GetCustomAttributes());
        }

        foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition))
        {
            method.DecodeSignature(signatures, null);
            Attributes(method.GetCustomAttributes());
            if (method.RelativeVirtualAddress != 0)
            {
                var body = file.GetMethodBody(method.RelativeVirtualAddress);
                if (!body.LocalSignature.IsNil)
                {
                    reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(signatures, null);
                }

                found.UnionWith(body.ExceptionRegions.Select(region => region.CatchType));
                Tokens(body.GetILReader());
            }
        }

        var places = references.TryGetValue(place, out var known) ? known : references[place] = new(StringComparer.Ordinal);
        places.UnionWith(Resolve().Select(Place));
    }

    /// <summary>The type definitions behind every handle that was found.</summary>
    private HashSet<TypeDefinitionHandle> Resolve()
    {
        var (types, seen) = (new HashSet<TypeDefinitionHandle>(), new HashSet<EntityHandle>());
        while (found.FirstOrDefault(handle => !handle.IsNil && !seen.Contains(handle)) is { IsNil: false } handle)
        {
            seen.Add(handle);
            var signatures = new Signatures(found);
            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    types.Add((TypeDefinitionHandle)handle);
                    break;
                case HandleKind.TypeSpecification:
                    reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(signatures, null);
                    break;
                case HandleKind.MemberReference:
                    var member = reader.GetMemberReference((MemberReferenceHandle)handle);
                    found.Add(member.Parent);
                    _ =
                        member.GetKind() == MemberReferenceKind.Field
                            ? member.DecodeFieldSignature(signatures, null)
                            : member.DecodeMethodSignature(signatures, null).ReturnType;
                    break;
                case HandleKind.MethodSpecification:
                    var method = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                    found.Add(method.Method);
                    method.DecodeSignature(signatures, null);
                    break;
                case HandleKind.MethodDefinition:
                    found.Add(reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.FieldDefinition:
                    found.Add(reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                    break;
                default:
                    break;
            }
        }

        return types;
    }

    private void Attributes(CustomAttributeHandleCollection attributes) =>
        found.UnionWith(attributes.Select(handle => reader.GetCustomAttribute(handle).Constructor));

    /// <summary>Every token in a method's body; operands of other kinds are stepped over.</summary>
    private void Tokens(BlobReader body)
    {
        while (body.RemainingBytes > 0)
        {
            var first = body.ReadByte();
            var code = OpCodes[first == 0xfe ? (short)((first << 8) | body.ReadByte()) : first];
            switch (code.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    found.Add((EntityHandle)MetadataTokens.Handle(body.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    var targets = body.ReadInt32();
                    body.Offset += 4 * targets;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    body.Offset += 8;
                    break;
                case OperandType.InlineVar:
                    body.Offset += 2;
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    body.Offset++;
                    break;
                case OperandType.InlineNone:
                    break;
                default:
                    body.Offset += 4;
                    break;
            }
        }
    }

    /// <summary>The namespace of a type, or of the type around it.</summary>
    private string Place(TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        return type.IsNested ? Place(type.GetDeclaringType()) : reader.GetString(type.Namespace);
    }

    /// <summary>Collects the types that a signature names.</summary>
    private sealed class Signatures(HashSet<EntityHandle> found) : ISignatureTypeProvider<bool, object?>
    {
        public bool GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => found.Add(handle);

        public bool GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => found.Add(handle);

        public bool GetTypeFromSpecification(
            MetadataReader reader,
            object? genericContext,
            TypeSpecificationHandle handle,
            byte rawTypeKind) => found.Add(handle);

        public bool GetModifiedType(bool modifier, bool unmodifiedType, bool isRequired) => true;

        public bool GetArrayType(bool elementType, ArrayShape shape) => true;

        public bool GetByReferenceType(bool elementType) => true;

        public bool GetFunctionPointerType(MethodSignature<bool> signature) => true;

        public bool GetGenericInstantiation(bool genericType, ImmutableArray<bool> typeArguments) => true;

        public bool GetGenericMethodParameter(object? genericContext, int index) => true;

        public bool GetGenericTypeParameter(object? genericContext, int index) => true;

        public bool GetPinnedType(bool elementType) => true;

        public bool GetPointerType(bool elementType) => true;

        public bool GetPrimitiveType(PrimitiveTypeCode typeCode) => true;

        public bool GetSZArrayType(bool elementType) => true;
    }
}
