#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF
#define OP2_FUNCTION static
#define OP2_CONSTANT __constant const
typedef long i64;
typedef ulong u64;
typedef double f64;
typedef float f32;
typedef int i32;
typedef unsigned int u32;
typedef unsigned char u8;
typedef u64 usize;
typedef u8 boolean;

OP2_FUNCTION u64 op2_rem_u64(u64 a, u64 b) { return b == 0 ? 0 : a % b; }
OP2_FUNCTION f32 op2_sin_f32(f32 a) { return sin(a); }
OP2_FUNCTION f32 op2_cos_f32(f32 a) { return cos(a); }
OP2_FUNCTION f32 op2_max_f32(f32 a, f32 b) { return a != a || b > a ? b : a; }
typedef struct { f32 v[4]; } f32_4;
typedef char op2_size_of_f32_4[(sizeof(f32_4) == 16) ? 1 : -1];
typedef struct { f32 v[2]; } f32_2;
typedef char op2_size_of_f32_2[(sizeof(f32_2) == 8) ? 1 : -1];
typedef struct { f32_2 v[2]; } f32_2_2;
typedef char op2_size_of_f32_2_2[(sizeof(f32_2_2) == 16) ? 1 : -1];
typedef struct { f32 m_0; f32 m_1; } tuple_f32_f32;

#line 90 "tests/device_source/src/language.rs"
OP2_FUNCTION void op2_kernel_weighted(const f32_4 *x_0, f32 *y_1)
{
const f32_2_2 WEIGHTS_c0 = {{{{0.1f, 0.2f}}, {{0.3f, 1e-30f}}}};
#line 92 "tests/device_source/src/language.rs"
f32 sum_2 = 0.0f;
#line 93 "tests/device_source/src/language.rs"
for (usize op2_t0 = ((usize)0u), op2_t1 = ((usize)4u); op2_t0 < op2_t1; ++op2_t0) {
usize k_3 = (usize)(op2_t0);
#line 94 "tests/device_source/src/language.rs"
sum_2 = (sum_2 + (x_0->v[k_3] * ((f32)((f64)WEIGHTS_c0.v[op2_rem_u64(k_3, ((usize)2u))].v[1]))));
}
#line 96 "tests/device_source/src/language.rs"
tuple_f32_f32 op2_t2;
f32 op2_t3;
op2_t3 = sum_2;
op2_t2 = ((tuple_f32_f32){op2_sin_f32(op2_t3), op2_cos_f32(op2_t3)});
f32 sin_4 = op2_t2.m_0;
f32 cos_5 = op2_t2.m_1;
#line 97 "tests/device_source/src/language.rs"
(*y_1) = (op2_max_f32(sin_4, cos_5) + 1.1920929e-7f);
}

#line 1 "op2"
